// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hashes, signatures and test keys.
 */
#include <endian.h>
#include <err.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <string.h>

#include "crypto.h"
#include "exits.h"

#define KEY_BITS	(8 * SIGSTRUCT_KEY_SIZE)

static const char intel_signer[] =
	"c8572f548869a0beca19376b81c2dffc2a23b5a5f71da0b87579b43f408daa1a"
	"33bad9c149eb56c634f883737968a34c";

const char *crypto_error(void)
{
	const char *reason = ERR_reason_error_string(ERR_peek_last_error());

	return reason ? reason : "unknown reason";
}

static void __attribute__((noreturn)) die(const char *what)
{
	errx(EXIT_RETRY, "libcrypto: %s: %s", what, crypto_error());
}

void crypto_sha384(const void *bytes, size_t size, uint8_t hash[SIGSTRUCT_HASH_SIZE])
{
	if (!EVP_Q_digest(NULL, "SHA384", NULL, bytes, size, hash, NULL))
		die("SHA-384");
}

void crypto_hash_text(const uint8_t hash[SIGSTRUCT_HASH_SIZE], char text[HASH_TEXT_SIZE])
{
	unsigned int i;

	for (i = 0; i < SIGSTRUCT_HASH_SIZE; i++)
		snprintf(text + 2 * i, 3, "%02x", hash[i]);
}

/* The same seed gives the same bytes on every machine. */
void crypto_fill_random(const char *seed, void *bytes, size_t size)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();

	if (!context || !EVP_DigestInit_ex(context, EVP_shake256(), NULL) ||
	    !EVP_DigestUpdate(context, seed, strlen(seed)) ||
	    !EVP_DigestFinalXOF(context, bytes, size))
		die("SHAKE256");
	EVP_MD_CTX_free(context);
}

void crypto_signer(const struct seam_sigstruct *sigstruct, uint8_t hash[SIGSTRUCT_HASH_SIZE])
{
	crypto_sha384(sigstruct->modulus, sizeof(sigstruct->modulus), hash);
}

bool crypto_signer_is_intel(const uint8_t hash[SIGSTRUCT_HASH_SIZE])
{
	char text[HASH_TEXT_SIZE];

	crypto_hash_text(hash, text);
	return !strcmp(text, intel_signer);
}

static void reverse(uint8_t *to, const uint8_t *from, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		to[i] = from[size - 1 - i];
}

/* NULL if the numbers in the sigstruct cannot be an RSA key. */
static EVP_PKEY *public_key(const struct seam_sigstruct *sigstruct)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
	OSSL_PARAM *params = NULL;
	BIGNUM *modulus, *exponent;
	EVP_PKEY *key = NULL;

	modulus = BN_lebin2bn(sigstruct->modulus, sizeof(sigstruct->modulus), NULL);
	exponent = BN_lebin2bn((const uint8_t *)&sigstruct->exponent,
			       sizeof(sigstruct->exponent), NULL);
	if (!context || !builder || !modulus || !exponent ||
	    !OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, modulus) ||
	    !OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, exponent))
		die("public key");

	params = OSSL_PARAM_BLD_to_param(builder);
	if (!params)
		die("public key");
	if (EVP_PKEY_fromdata_init(context) > 0)
		EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params);

	OSSL_PARAM_free(params);
	BN_free(exponent);
	BN_free(modulus);
	OSSL_PARAM_BLD_free(builder);
	EVP_PKEY_CTX_free(context);
	return key;
}

/**
 * crypto_verify() - Check the signature with the sigstruct's own key
 * @sigstruct: any bytes
 *
 * Tells damage from soundness; who signed is for crypto_signer() to say.
 */
bool crypto_verify(const struct seam_sigstruct *sigstruct)
{
	const uint8_t *body = (const uint8_t *)sigstruct + SIGSTRUCT_SIGNED_BODY_OFFSET;
	EVP_PKEY *key = public_key(sigstruct);
	uint8_t signature[SIGSTRUCT_KEY_SIZE];
	EVP_MD_CTX *context;
	bool holds;

	if (!key)
		return false;
	context = EVP_MD_CTX_new();
	if (!context)
		die("signature");

	reverse(signature, sigstruct->signature, sizeof(signature));
	holds = EVP_DigestVerifyInit(context, NULL, EVP_sha384(), NULL, key) > 0 &&
		EVP_DigestVerifyUpdate(context, sigstruct, SIGSTRUCT_SIGNED_HEAD_SIZE) > 0 &&
		EVP_DigestVerifyUpdate(context, body, SIGSTRUCT_SIGNED_BODY_SIZE) > 0 &&
		EVP_DigestVerifyFinal(context, signature, sizeof(signature)) > 0;

	EVP_MD_CTX_free(context);
	EVP_PKEY_free(key);
	return holds;
}

/* A key as the P-SEAMLDR takes them: RSA-3072, exponent 65537. */
EVP_PKEY *crypto_key_new(void)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	BIGNUM *exponent = BN_new();
	EVP_PKEY *key = NULL;

	if (!context || !exponent || !BN_set_word(exponent, SIGSTRUCT_EXPONENT) ||
	    EVP_PKEY_keygen_init(context) <= 0 ||
	    EVP_PKEY_CTX_set_rsa_keygen_bits(context, KEY_BITS) <= 0 ||
	    EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context, exponent) <= 0 ||
	    EVP_PKEY_generate(context, &key) <= 0)
		die("key");

	BN_free(exponent);
	EVP_PKEY_CTX_free(context);
	return key;
}

bool crypto_key_write(EVP_PKEY *key, FILE *file)
{
	/* Readers of PEM skip what stands before the key. */
	fputs("tdxmod test key: signs images for development only\n", file);
	return PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);
}

static bool key_usable(EVP_PKEY *key)
{
	BIGNUM *exponent = NULL;
	bool usable;

	usable = EVP_PKEY_is_a(key, "RSA") && EVP_PKEY_get_bits(key) == KEY_BITS &&
		 EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent) &&
		 BN_is_word(exponent, SIGSTRUCT_EXPONENT);
	BN_free(exponent);
	return usable;
}

/* Says on stderr why there is no key, if it returns NULL. */
EVP_PKEY *crypto_key_read(const char *path)
{
	FILE *file = fopen(path, "re");
	EVP_PKEY *key;

	if (!file) {
		warn("%s", path);
		return NULL;
	}

	key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
	fclose(file);
	if (!key) {
		warnx("%s: not a private key in PEM format: %s", path, crypto_error());
		return NULL;
	}
	if (!key_usable(key)) {
		warnx("%s: not an RSA-3072 key with exponent 65537", path);
		EVP_PKEY_free(key);
		return NULL;
	}
	return key;
}

void crypto_set_key(struct seam_sigstruct *sigstruct, EVP_PKEY *key)
{
	BIGNUM *modulus = NULL;

	if (!EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &modulus) ||
	    BN_bn2lebinpad(modulus, sigstruct->modulus, sizeof(sigstruct->modulus)) < 0)
		die("modulus");
	BN_free(modulus);

	sigstruct->exponent = htole32(SIGSTRUCT_EXPONENT);
}

bool crypto_sign(struct seam_sigstruct *sigstruct, EVP_PKEY *key)
{
	const uint8_t *body = (const uint8_t *)sigstruct + SIGSTRUCT_SIGNED_BODY_OFFSET;
	uint8_t signature[SIGSTRUCT_KEY_SIZE];
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	size_t size = sizeof(signature);
	bool done;

	if (!context)
		die("signature");

	done = EVP_DigestSignInit(context, NULL, EVP_sha384(), NULL, key) > 0 &&
	       EVP_DigestSignUpdate(context, sigstruct, SIGSTRUCT_SIGNED_HEAD_SIZE) > 0 &&
	       EVP_DigestSignUpdate(context, body, SIGSTRUCT_SIGNED_BODY_SIZE) > 0 &&
	       EVP_DigestSignFinal(context, signature, &size) > 0 &&
	       size == sizeof(signature);
	if (done)
		reverse(sigstruct->signature, signature, sizeof(signature));

	EVP_MD_CTX_free(context);
	return done;
}
