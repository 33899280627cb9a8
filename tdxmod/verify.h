/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Is an image what its maker signed?  Says nothing about hosts: preflight.h
 * does.
 */
#ifndef TDXMOD_VERIFY_H
#define TDXMOD_VERIFY_H

#include <stdbool.h>

#include "findings.h"
#include "image.h"

bool verify_module_hash(const struct seam_sigstruct *sigstruct, const void *module,
			size_t size);
void verify_image(const struct image *image, struct findings *findings);
void *verify_read(const char *path, struct image *image, struct findings *findings);

#endif
