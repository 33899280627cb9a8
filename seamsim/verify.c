// SPDX-License-Identifier: GPL-2.0-only
/* Hashes and signature of a module image: see verify.h. */
#include "verify.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "seamsim.h"

/* "SEAM Loader (SEAMLDR) Interface Specification", SEAM_SIGSTRUCT: what is signed. */
#define SIGNED_HEAD_END		offsetof(struct seam_sigstruct, modulus)
#define SIGNED_BODY_START	offsetof(struct seam_sigstruct, seamhash)
#define SIGNED_BODY_SIZE	(sizeof(struct seam_sigstruct) - SIGNED_BODY_START)

bool verify_signer_hash(const struct seam_sigstruct *sigstruct, u8 hash[SHA384_SIZE])
{
	return EVP_Digest(sigstruct->modulus, sizeof(sigstruct->modulus), hash, NULL,
			  EVP_sha384(), NULL);
}

static OSSL_PARAM *key_params(const struct seam_sigstruct *sigstruct)
{
	BIGNUM *modulus = BN_lebin2bn(sigstruct->modulus, sizeof(sigstruct->modulus), NULL);
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	OSSL_PARAM *params = NULL;

	if (modulus && builder &&
	    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, modulus) &&
	    OSSL_PARAM_BLD_push_uint32(builder, OSSL_PKEY_PARAM_RSA_E, SIGSTRUCT_EXPONENT))
		params = OSSL_PARAM_BLD_to_param(builder);

	OSSL_PARAM_BLD_free(builder);
	BN_free(modulus);
	return params;
}

/* NULL for a modulus that is no RSA key. */
static EVP_PKEY *public_key(const struct seam_sigstruct *sigstruct)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	OSSL_PARAM *params = key_params(sigstruct);
	EVP_PKEY *key = NULL;

	if (context && params && EVP_PKEY_fromdata_init(context) == 1 &&
	    EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
		key = NULL;

	OSSL_PARAM_free(params);
	EVP_PKEY_CTX_free(context);
	return key;
}

bool verify_signature(const struct seam_sigstruct *sigstruct)
{
	const u8 *bytes = (const u8 *)sigstruct;
	u8 signature[SIGSTRUCT_KEY_SIZE];
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	EVP_PKEY *key = public_key(sigstruct);
	bool valid;

	/* Stored as a little-endian number; libcrypto wants the usual octet string. */
	for (size_t i = 0; i < sizeof(signature); i++)
		signature[i] = sigstruct->signature[sizeof(signature) - 1 - i];

	valid = key && context &&
		EVP_DigestVerifyInit(context, NULL, EVP_sha384(), NULL, key) == 1 &&
		EVP_DigestVerifyUpdate(context, bytes, SIGNED_HEAD_END) == 1 &&
		EVP_DigestVerifyUpdate(context, bytes + SIGNED_BODY_START,
				       SIGNED_BODY_SIZE) == 1 &&
		EVP_DigestVerifyFinal(context, signature, sizeof(signature)) == 1;

	EVP_PKEY_free(key);
	EVP_MD_CTX_free(context);
	return valid;
}

bool verify_pages_hash(const struct sim *sim, const u64 *pages, u64 nr_pages,
		       u8 hash[SHA384_SIZE])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool done = context && EVP_DigestInit_ex(context, EVP_sha384(), NULL) == 1;
	u8 page[PAGE_SIZE];

	for (u64 i = 0; done && i < nr_pages; i++)
		done = sim_read(sim, pages[i], page, sizeof(page)) &&
		       EVP_DigestUpdate(context, page, sizeof(page)) == 1;

	done = done && EVP_DigestFinal_ex(context, hash, NULL) == 1;
	EVP_MD_CTX_free(context);
	return done;
}
