// SPDX-License-Identifier: GPL-2.0-only
/*
 * MRTD: what a TD was built from, by SHA-384.
 *
 * "TDX Module Base Architecture Specification", chapter on measurement and
 * attestation.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "td_model.h"

/* libcrypto fails here for lack of memory only; a wrong MRTD would mislead. */
static void update(struct td *td, const void *bytes, size_t size)
{
	if (EVP_DigestUpdate(td->measurement, bytes, size) != 1)
		abort();
}

static void record(struct td *td, const char *name, u64 gpa)
{
	struct mrtd_record record = { .gpa = gpa };

	memcpy(record.name, name, strlen(name));
	update(td, &record, sizeof(record));
}

int td_measure_begin(struct td *td)
{
	td->measurement = EVP_MD_CTX_new();
	if (!td->measurement)
		return -ENOMEM;
	if (EVP_DigestInit_ex(td->measurement, EVP_sha384(), NULL) != 1)
		return -ENOMEM;
	return 0;
}

void td_measure_page_add(struct td *td, u64 gpa)
{
	record(td, MRTD_PAGE_ADD_NAME, gpa);
}

void td_measure_extend(struct td *td, u64 gpa, const u8 *chunk)
{
	record(td, MRTD_EXTEND_NAME, gpa);
	update(td, chunk, MRTD_CHUNK_SIZE);
}

/* On a copy: with its check switched off, a leaf may extend a finished measurement. */
void td_measure_end(struct td *td)
{
	EVP_MD_CTX *last = EVP_MD_CTX_new();

	if (!last || EVP_MD_CTX_copy_ex(last, td->measurement) != 1 ||
	    EVP_DigestFinal_ex(last, td->mrtd, NULL) != 1)
		abort();
	EVP_MD_CTX_free(last);
}

/* The new module misreads the running hash's intermediate state. */
void td_measure_corrupt(struct td *td)
{
	static const struct mrtd_record misread;

	update(td, &misread, sizeof(misread));
}
