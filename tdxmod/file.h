/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whole files, in and out.  Messages go to stderr; a false or NULL return
 * means that one was printed.
 */
#ifndef TDXMOD_FILE_H
#define TDXMOD_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "image.h"

#define FILE_MODE_PUBLIC	0666
#define FILE_MODE_PRIVATE	0600

/* To be freed by the caller. */
void *file_read(const char *path, size_t max, size_t *size);
bool file_write(const char *path, const void *bytes, size_t size, mode_t mode);

void *file_read_module(const char *path, unsigned int *nr_pages);

/* The image lies in what is returned, for the caller to free. */
void *file_read_image(const char *path, struct image *image);

#endif
