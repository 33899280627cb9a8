// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finding images in a folder and its subfolders, as Intel publishes them.
 */
#include <err.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "exits.h"
#include "list.h"

#define IMAGE_SUFFIX	".blob"
#define OPEN_FOLDERS	16

/* nftw() takes no argument for its callback. */
static struct path_list *found;
static bool complete;

static bool has_suffix(const char *path)
{
	size_t length = strlen(path), suffix = strlen(IMAGE_SUFFIX);

	return length > suffix && !strcmp(path + length - suffix, IMAGE_SUFFIX);
}

static bool has_magic(const char *path)
{
	union {
		struct tdx_blob_v1 v1;
		struct tdx_blob_v2 v2;
	} header;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size;

	if (fd < 0)
		return false;
	size = read(fd, &header, sizeof(header));
	close(fd);

	return size == sizeof(header) &&
	       (!memcmp(header.v1.signature, TDX_BLOB_MAGIC, TDX_BLOB_MAGIC_SIZE) ||
		!memcmp(header.v2.signature, TDX_BLOB_MAGIC, TDX_BLOB_MAGIC_SIZE));
}

/* A damaged image still has its name, and one of another name its magic. */
static bool is_image(const char *path, const struct stat *st, int type)
{
	if (type == FTW_F)
		return S_ISREG(st->st_mode) && (has_suffix(path) || has_magic(path));
	/* A link to nothing. */
	return type == FTW_SLN && has_suffix(path);
}

static int visit(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)where;
	if (type == FTW_DNR || type == FTW_NS) {
		warnx("%s: cannot be read", path);
		complete = false;
	}
	if (!is_image(path, st, type))
		return 0;

	found->paths = reallocarray(found->paths, found->count + 1, sizeof(*found->paths));
	if (!found->paths)
		err(EXIT_RETRY, "%s", path);
	found->paths[found->count] = strdup(path);
	if (!found->paths[found->count])
		err(EXIT_RETRY, "%s", path);
	found->count++;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strverscmp(*(char *const *)a, *(char *const *)b);
}

bool list_images(const char *folder, struct path_list *list)
{
	*list = (struct path_list){ 0 };
	found = list;
	complete = true;
	if (nftw(folder, visit, OPEN_FOLDERS, 0)) {
		warn("%s", folder);
		return false;
	}
	if (list->count)
		qsort(list->paths, list->count, sizeof(*list->paths), by_name);
	return complete;
}

void path_list_free(struct path_list *list)
{
	size_t i;

	for (i = 0; i < list->count; i++)
		free(list->paths[i]);
	free(list->paths);
	*list = (struct path_list){ 0 };
}

/* As in tdx_module_1.5.08.blob. */
static bool version_in_name(const char *path, struct version *version)
{
	const char *name = strrchr(path, '/');
	char *copy;
	bool valid;

	name = name ? name + 1 : path;
	name += strcspn(name, "0123456789");
	copy = strndup(name, strspn(name, "0123456789."));
	if (!copy)
		err(EXIT_RETRY, "%s", path);
	/* The dot of the suffix. */
	if (*copy && copy[strlen(copy) - 1] == '.')
		copy[strlen(copy) - 1] = '\0';

	valid = version_parse(copy, version);
	free(copy);
	return valid;
}

/**
 * list_image_version() - Find out the version of an image
 * @path: name of its file, for sigstructs that carry no version
 * @image: the image
 * @version: filled in
 */
bool list_image_version(const char *path, const struct image *image, struct version *version)
{
	return (sigstruct_known(image->sigstruct) &&
		sigstruct_version(image->sigstruct, version)) ||
	       version_in_name(path, version);
}
