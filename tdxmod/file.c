// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading files of bounded size, and writing them so that no reader ever sees
 * half of one.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"

static void *read_open(int fd, const char *path, size_t max, size_t *size)
{
	/* One byte more than allowed shows that a file is too long. */
	uint8_t *bytes = malloc(max + 1);
	ssize_t got = 0;

	if (!bytes) {
		warn("%s", path);
		return NULL;
	}

	*size = 0;
	do {
		*size += got;
		got = read(fd, bytes + *size, max + 1 - *size);
	} while (got > 0 || (got < 0 && errno == EINTR && !(got = 0)));

	if (got < 0) {
		warn("%s", path);
		free(bytes);
		return NULL;
	}
	return bytes;
}

/**
 * file_read() - Read a whole file
 * @path: its name
 * @max: a file that is longer gives @max + 1 bytes, for the caller to refuse
 * @size: number of bytes read
 */
void *file_read(const char *path, size_t max, size_t *size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	void *bytes;

	if (fd < 0) {
		warn("%s", path);
		return NULL;
	}
	bytes = read_open(fd, path, max, size);
	close(fd);
	return bytes;
}

static bool write_all(int fd, const uint8_t *bytes, size_t size)
{
	ssize_t done;

	while (size) {
		done = write(fd, bytes, size);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return false;
		bytes += done;
		size -= done;
	}
	return true;
}

/* Pipes and devices have no old content to protect. */
static bool write_special(const char *path, const void *bytes, size_t size)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool done;

	if (fd < 0)
		return false;
	done = write_all(fd, bytes, size);
	return !close(fd) && done;
}

static mode_t masked(mode_t mode)
{
	mode_t mask = umask(0);

	umask(mask);
	return mode & ~mask;
}

static bool write_new(const char *path, const void *bytes, size_t size, mode_t mode)
{
	char *temporary;
	bool done;
	int fd;

	if (asprintf(&temporary, "%s.XXXXXX", path) < 0)
		return false;

	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0) {
		free(temporary);
		return false;
	}

	done = write_all(fd, bytes, size) && !fchmod(fd, masked(mode));
	done = !close(fd) && done && !rename(temporary, path);
	if (!done)
		unlink(temporary);
	free(temporary);
	return done;
}

/**
 * file_write() - Write a whole file or none
 * @path: its name
 * @bytes: its content
 * @size: the content's length
 * @mode: permissions, to which the umask is applied
 */
bool file_write(const char *path, const void *bytes, size_t size, mode_t mode)
{
	struct stat st;
	bool done;

	if (!stat(path, &st) && !S_ISREG(st.st_mode))
		done = write_special(path, bytes, size);
	else
		done = write_new(path, bytes, size, mode);

	if (!done)
		warn("%s", path);
	return done;
}

void *file_read_module(const char *path, unsigned int *nr_pages)
{
	size_t max = TDX_MODULE_PAGES_MAX * TDX_PAGE_SIZE, size;
	void *module = file_read(path, max, &size);

	if (!module)
		return NULL;
	if (!size || size > max || size % TDX_PAGE_SIZE) {
		warnx("%s: a module has 1 to %u whole pages of %u bytes", path,
		      TDX_MODULE_PAGES_MAX, TDX_PAGE_SIZE);
		free(module);
		return NULL;
	}
	*nr_pages = size / TDX_PAGE_SIZE;
	return module;
}

void *file_read_image(const char *path, struct image *image)
{
	enum image_fault fault;
	size_t size;
	void *blob;

	blob = file_read(path, TDX_BLOB_SIZE_MAX, &size);
	if (!blob)
		return NULL;

	fault = image_parse(blob, size, image);
	if (fault) {
		warnx("%s: not a TDX module image: %s", path, image_fault_text(fault));
		free(blob);
		return NULL;
	}
	return blob;
}
