// SPDX-License-Identifier: GPL-2.0
/* The update interface: see td_upload.h. */
#include "td_upload.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MAX_IMAGE_SIZE	(4 << 20)
#define POLL_NSEC	1000000L
#define POLLS		30000U

int read_text(const char *path, char text[TEXT_SIZE])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size;

	text[0] = '\0';
	if (fd < 0)
		return -errno;
	size = read(fd, text, TEXT_SIZE - 1);
	close(fd);
	if (size < 0)
		return -errno;
	text[size] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return 0;
}

static int write_all(int fd, const char *bytes, size_t size)
{
	while (size) {
		ssize_t written = write(fd, bytes, size);

		if (written < 0)
			return -errno;
		bytes += written;
		size -= written;
	}
	return 0;
}

static int write_file(const char *path, const char *bytes, size_t size)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int ret;

	if (fd < 0)
		return -errno;
	ret = write_all(fd, bytes, size);
	close(fd);
	return ret;
}

int image_load(const char *path, struct image *image)
{
	FILE *file = fopen(path, "re");

	if (!file)
		return -errno;
	image->bytes = malloc(MAX_IMAGE_SIZE);
	image->size = image->bytes ? fread(image->bytes, 1, MAX_IMAGE_SIZE, file) : 0;
	fclose(file);
	return image->size ? 0 : -EIO;
}

void image_free(struct image *image)
{
	free(image->bytes);
	*image = (struct image) { };
}

int upload_begin(const struct image *image)
{
	int ret = write_file(UPLOAD_DIR "loading", "1", 1);

	ret = ret ?: write_file(UPLOAD_DIR "data", image->bytes, image->size);
	return ret ?: write_file(UPLOAD_DIR "loading", "0", 1);
}

int upload_wait(const char *status)
{
	const struct timespec poll = { .tv_nsec = POLL_NSEC };
	char seen[TEXT_SIZE];

	for (unsigned int i = 0; i < POLLS; i++) {
		int ret = read_text(UPLOAD_DIR "status", seen);

		if (ret)
			return ret;
		if (!strcmp(seen, status) || !strcmp(seen, "idle"))
			return 0;
		nanosleep(&poll, NULL);
	}
	return -ETIMEDOUT;
}

int upload_end(char error[TEXT_SIZE])
{
	int ret = upload_wait("idle");

	return ret ?: read_text(UPLOAD_DIR "error", error);
}

int upload(const struct image *image, char error[TEXT_SIZE])
{
	int ret = upload_begin(image);

	return ret ?: upload_end(error);
}

int cpu_set_online(unsigned int cpu, bool online)
{
	char path[TEXT_SIZE];

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%u/online", cpu);
	return write_file(path, online ? "1" : "0", 1);
}
