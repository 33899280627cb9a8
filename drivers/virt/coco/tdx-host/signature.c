// SPDX-License-Identifier: GPL-2.0-only
/*
 * Does the signature of the sigstruct hold, by the key that it carries itself?
 *
 * This finds damage, and is not about trust: whose key that is can only be
 * judged by the P-SEAMLDR. But it does so after the running module was shut down,
 * and an image that was changed on its way would freeze all TDs.
 */

#include <linux/build_bug.h>
#include <linux/cleanup.h>
#include <linux/err.h>
#include <linux/errno.h>
#include <linux/slab.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/types.h>

#include <crypto/sha2.h>
#include <crypto/sig.h>

#include <kunit/static_stub.h>
#include <kunit/visibility.h>

#include <asm/seamldr.h>

#include "tdx-host.h"

#define ASN1_SEQUENCE		0x30
#define ASN1_INTEGER		0x02
#define ASN1_LENGTH_2_BYTES	0x82

/* RSAPublicKey of RFC 8017, appendix A.1.1, in DER: numbers are big endian */
struct rsa_public_key {
	u8	tag;
	u8	length_size;
	__be16	length;
	u8	modulus_tag;
	u8	modulus_length_size;
	__be16	modulus_length;
	/* DER numbers have a sign. */
	u8	modulus_sign;
	u8	modulus[SEAM_SIGSTRUCT_KEY_SIZE];
	u8	exponent_tag;
	u8	exponent_length;
	u8	exponent[3];
} __packed;

static void copy_reversed(u8 *to, const u8 *from, size_t size)
{
	while (size--)
		*to++ = from[size];
}

static void fill_key(struct rsa_public_key *key, const struct seam_sigstruct *s)
{
	key->tag = ASN1_SEQUENCE;
	key->length_size = ASN1_LENGTH_2_BYTES;
	key->length = cpu_to_be16(sizeof(*key) -
				  offsetofend(struct rsa_public_key, length));
	key->modulus_tag = ASN1_INTEGER;
	key->modulus_length_size = ASN1_LENGTH_2_BYTES;
	key->modulus_length = cpu_to_be16(1 + sizeof(key->modulus));
	key->modulus_sign = 0;
	copy_reversed(key->modulus, s->modulus, sizeof(key->modulus));
	key->exponent_tag = ASN1_INTEGER;
	key->exponent_length = sizeof(key->exponent);
	copy_reversed(key->exponent, (const u8 *)&s->exponent, sizeof(key->exponent));
}

static void hash_signed_parts(const struct seam_sigstruct *s, u8 *hash)
{
	const u8 *bytes = (const u8 *)s;
	struct sha384_ctx ctx;

	sha384_init(&ctx);
	sha384_update(&ctx, bytes, offsetof(struct seam_sigstruct, modulus));
	sha384_update(&ctx, bytes + offsetof(struct seam_sigstruct, seamhash),
		      sizeof(*s) - offsetof(struct seam_sigstruct, seamhash));
	sha384_final(&ctx, hash);
}

/* What is used once, and too large for the stack */
struct signature_check {
	struct rsa_public_key key;
	u8 signature[SEAM_SIGSTRUCT_KEY_SIZE];
	u8 hash[SHA384_DIGEST_SIZE];
};

/* Takes error pointers, too */
DEFINE_FREE(free_sig, struct crypto_sig *, crypto_free_sig(_T))

/**
 * tdx_host_verify() - Verify a sigstruct with the key it carries
 * @s: the sigstruct, of the known layout
 *
 * Context: Process context, may sleep.
 * Return: %0, or a negative errno from the crypto API.
 */
VISIBLE_IF_KUNIT int tdx_host_verify(const struct seam_sigstruct *s)
{
	struct signature_check *check __free(kfree) = kmalloc_obj(*check);
	struct crypto_sig *tfm __free(free_sig) =
		crypto_alloc_sig("pkcs1(rsa,sha384)", 0, 0);
	int ret;

	KUNIT_STATIC_STUB_REDIRECT(tdx_host_verify, s);

	if (!check)
		return -ENOMEM;
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);

	fill_key(&check->key, s);
	copy_reversed(check->signature, s->signature, sizeof(check->signature));
	hash_signed_parts(s, check->hash);

	ret = crypto_sig_set_pubkey(tfm, &check->key, sizeof(check->key));
	if (ret)
		return ret;
	return crypto_sig_verify(tfm, check->signature, sizeof(check->signature),
				 check->hash, sizeof(check->hash));
}
EXPORT_SYMBOL_IF_KUNIT(tdx_host_verify);

/**
 * tdx_host_check_signature() - Verify a sigstruct with the key it carries
 * @blob: the image; its sigstruct has the known layout
 * @verdict: written on failure only
 *
 * RSASSA-PKCS1-v1_5 with SHA-384 and a modulus of 3072 bits. Source: SEAM Loader
 * (SEAMLDR) Interface Specification, "SEAM_SIGSTRUCT", SIGNATURE.
 *
 * Context: Process context, may sleep.
 * Return:
 * * %0 - the signature holds
 * * %-EBADMSG - it does not
 * * %-ENOMEM, %-EIO - it could not be verified
 */
int tdx_host_check_signature(const struct seamldr_blob *blob,
			     struct seamldr_verdict *verdict)
{
	int ret = tdx_host_verify(blob->sigstruct);

	switch (ret) {
	case 0:
		return 0;
	case -EKEYREJECTED:
	case -EBADMSG:
	case -EINVAL:
		return seamldr_refuse(verdict, SEAMLDR_REASON_SIGNATURE, -ret, 0,
				      "RSA signature of the sigstruct, errno");
	case -ENOMEM:
		return seamldr_refuse(verdict, SEAMLDR_REASON_NO_MEMORY, 0,
				      sizeof(struct signature_check), "bytes");
	default:
		return seamldr_refuse(verdict, SEAMLDR_REASON_CRYPTO, -ret, 0,
				      "RSA of the crypto API, errno");
	}
}
EXPORT_SYMBOL_IF_KUNIT(tdx_host_check_signature);
