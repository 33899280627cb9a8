// SPDX-License-Identifier: GPL-2.0-only
/*
 * The checks that need nothing but the image.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crypto.h"
#include "file.h"
#include "verify.h"

static void verify_structure(const struct image *image, struct findings *findings)
{
	findings_add(findings, OUTCOME_OK, "structure",
		     "format %#x, %u sigstruct page(s), %u module page(s)", image->version,
		     image->sigstruct_nr_pages, image->module_nr_pages);
}

static void verify_checksum(const struct image *image, struct findings *findings)
{
	unsigned int field = image_checksum_field(image);

	switch (image_checksum(image)) {
	case IMAGE_CHECKSUM_GOOD:
		findings_add(findings, OUTCOME_OK, "checksum", "%#06x", field);
		break;
	case IMAGE_CHECKSUM_NOT_FILLED:
		findings_add(findings, OUTCOME_NOTE, "checksum", "not filled, which is allowed");
		break;
	case IMAGE_CHECKSUM_WRONG:
		findings_add(findings, OUTCOME_FAIL, "checksum",
			     "%#06x does not make the sum zero", field);
		break;
	}
}

/* Neither the signature nor the module's hash covers these bytes. */
static void verify_padding(const struct image *image, struct findings *findings)
{
	size_t size = (size_t)image->sigstruct_nr_pages * TDX_PAGE_SIZE, i;
	const uint8_t *byte = (const uint8_t *)image->sigstruct;

	for (i = sizeof(*image->sigstruct); i < size && !byte[i]; i++)
		;
	if (i < size)
		findings_add(findings, OUTCOME_NOTE, "padding",
			     "byte %zu of the sigstruct pages is %#x: not signed", i, byte[i]);
}

/* True if the module is the one that the sigstruct is about. */
bool verify_module_hash(const struct seam_sigstruct *sigstruct, const void *module, size_t size)
{
	uint8_t hash[SIGSTRUCT_HASH_SIZE];

	crypto_sha384(module, size, hash);
	return !memcmp(hash, sigstruct->seamhash, sizeof(hash));
}

static void verify_hash(const struct image *image, struct findings *findings)
{
	uint8_t hash[SIGSTRUCT_HASH_SIZE];
	char found[HASH_TEXT_SIZE], wanted[HASH_TEXT_SIZE];

	crypto_sha384(image->module, image_module_size(image), hash);
	crypto_hash_text(hash, found);
	crypto_hash_text(image->sigstruct->seamhash, wanted);
	if (!memcmp(hash, image->sigstruct->seamhash, sizeof(hash)))
		findings_add(findings, OUTCOME_OK, "hash", "%s", found);
	else
		findings_add(findings, OUTCOME_FAIL, "hash",
			     "module pages give %s, seamhash is %s", found, wanted);
}

static void verify_signature(const struct image *image, struct findings *findings)
{
	if (crypto_verify(image->sigstruct))
		findings_add(findings, OUTCOME_OK, "signature", "holds");
	else
		findings_add(findings, OUTCOME_FAIL, "signature",
			     "does not hold with the sigstruct's own key");
}

static void verify_signer(const struct image *image, struct findings *findings)
{
	uint8_t hash[SIGSTRUCT_HASH_SIZE];
	char text[HASH_TEXT_SIZE];

	crypto_signer(image->sigstruct, hash);
	if (crypto_signer_is_intel(hash)) {
		findings_add(findings, OUTCOME_OK, "signer", "Intel production");
		return;
	}
	crypto_hash_text(hash, text);
	findings_add(findings, OUTCOME_NOTE, "signer",
		     "not Intel's production key: %s", text);
}

/**
 * verify_image() - Check all that an image says about itself
 * @image: of sound structure
 * @findings: added to
 */
void verify_image(const struct image *image, struct findings *findings)
{
	verify_structure(image, findings);
	verify_checksum(image, findings);
	sigstruct_check(image->sigstruct, image_module_size(image), findings);
	verify_padding(image, findings);
	if (!sigstruct_known_layout(image->sigstruct)) {
		findings_add(findings, OUTCOME_UNKNOWN, "signature",
			     "neither hash nor signature can be found in this sigstruct");
		return;
	}
	verify_hash(image, findings);
	verify_signature(image, findings);
	verify_signer(image, findings);
}

/**
 * verify_read() - Read an image and check all that it says about itself
 * @path: its name
 * @image: filled in, if the structure is sound
 * @findings: added to
 *
 * Return: the file, in which @image lies, to be freed by the caller; NULL if it
 * cannot be read or is not an image, which is a finding then.
 */
void *verify_read(const char *path, struct image *image, struct findings *findings)
{
	enum image_fault fault;
	size_t size;
	void *blob;

	blob = file_read(path, TDX_BLOB_SIZE_MAX, &size);
	if (!blob) {
		findings_add(findings, OUTCOME_FAIL, "file", "cannot be read");
		return NULL;
	}

	fault = image_parse(blob, size, image);
	if (fault) {
		findings_add(findings, OUTCOME_FAIL, "structure", "%s", image_fault_text(fault));
		free(blob);
		return NULL;
	}
	verify_image(image, findings);
	return blob;
}
