/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The cryptography of a module image: hashes and signature, computed for real.
 *
 * Knows layouts, no policy: who may sign and what follows is seamldr.c's.
 */
#ifndef SEAMSIM_VERIFY_H
#define SEAMSIM_VERIFY_H

#include <stdbool.h>

#include "abi.h"

struct sim;

/* SHA-384 of the modulus as stored: what identifies a signer. */
bool verify_signer_hash(const struct seam_sigstruct *sigstruct, u8 hash[SHA384_SIZE]);

/* RSA-3072, PKCS#1 v1.5, SHA-384 over what the signature covers, with its own key. */
bool verify_signature(const struct seam_sigstruct *sigstruct);

/* SHA-384 over the guest's pages in the order of the list. */
bool verify_pages_hash(const struct sim *sim, const u64 *pages, u64 nr_pages,
		       u8 hash[SHA384_SIZE]);

#endif
