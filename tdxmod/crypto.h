/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * SHA-384 and RSA-3072 as a SEAM_SIGSTRUCT uses them, by libcrypto.  Numbers
 * are little-endian in a sigstruct and big-endian in a signature.
 */
#ifndef TDXMOD_CRYPTO_H
#define TDXMOD_CRYPTO_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sigstruct.h"

#define HASH_TEXT_SIZE	(2 * SIGSTRUCT_HASH_SIZE + 1)

void crypto_sha384(const void *bytes, size_t size, uint8_t hash[SIGSTRUCT_HASH_SIZE]);
void crypto_hash_text(const uint8_t hash[SIGSTRUCT_HASH_SIZE], char text[HASH_TEXT_SIZE]);
void crypto_fill_random(const char *seed, void *bytes, size_t size);

/* The signer is known by the hash of the modulus as the sigstruct holds it. */
void crypto_signer(const struct seam_sigstruct *sigstruct, uint8_t hash[SIGSTRUCT_HASH_SIZE]);
bool crypto_signer_is_intel(const uint8_t hash[SIGSTRUCT_HASH_SIZE]);
bool crypto_verify(const struct seam_sigstruct *sigstruct);

EVP_PKEY *crypto_key_new(void);
bool crypto_key_write(EVP_PKEY *key, FILE *file);
EVP_PKEY *crypto_key_read(const char *path);
void crypto_set_key(struct seam_sigstruct *sigstruct, EVP_PKEY *key);
bool crypto_sign(struct seam_sigstruct *sigstruct, EVP_PKEY *key);
const char *crypto_error(void);

#endif
