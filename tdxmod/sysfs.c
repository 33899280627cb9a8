// SPDX-License-Identifier: GPL-2.0-only
/*
 * Single accesses to sysfs attributes.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sysfs.h"

/* Return: a file descriptor or a negative errno. */
int sysfs_open(const char *root, const char *attribute, int flags)
{
	char path[PATH_MAX];
	int fd;

	if (snprintf(path, sizeof(path), "%s/%s", root, attribute) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, flags | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

/**
 * sysfs_read() - Read an attribute of one line
 * @root: where sysfs is mounted
 * @attribute: path below @root
 * @text: the line, without its end
 *
 * Return: 0 or a negative errno; -ERANGE if there is more than fits.
 */
int sysfs_read(const char *root, const char *attribute, char text[SYSFS_TEXT_SIZE])
{
	int fd = sysfs_open(root, attribute, O_RDONLY);
	ssize_t size;
	int error;

	if (fd < 0)
		return fd;
	size = read(fd, text, SYSFS_TEXT_SIZE);
	error = -errno;
	close(fd);
	if (size < 0)
		return error;
	if (size == SYSFS_TEXT_SIZE)
		return -ERANGE;

	text[size] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return 0;
}

/* Return: number of bytes taken, which may be fewer, or a negative errno. */
ssize_t sysfs_put(int fd, const void *bytes, size_t size, off_t offset)
{
	ssize_t done = pwrite(fd, bytes, size, offset);

	return done < 0 ? -errno : done;
}
