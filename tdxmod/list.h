/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The images in a folder.
 */
#ifndef TDXMOD_LIST_H
#define TDXMOD_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "image.h"
#include "version.h"

struct path_list {
	char **paths;
	size_t count;
};

/* Sorted; false if not all of the folder can be read, which was said on stderr. */
bool list_images(const char *folder, struct path_list *list);
void path_list_free(struct path_list *list);

bool list_image_version(const char *path, const struct image *image, struct version *version);

#endif
