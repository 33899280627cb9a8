// SPDX-License-Identifier: GPL-2.0-only
/*
 * Upload an image, and print how many nanoseconds passed from "echo 0 >loading" until the status
 * was idle again.
 *
 * With -m, the kB of images in the kernel's vmalloc space instead: before, at most during the upload
 * as far as seen, and after. The image that is uploaded may be gone before somebody looks.
 */
#include <err.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define VMALLOCINFO	"/proc/vmallocinfo"
#define DEVICE		"/sys/class/firmware/tdx_module/"
#define MAX_IMAGE_SIZE	(4 << 20)
#define TEXT_SIZE	256
#define POLL_NSEC	200000L
#define NSEC_PER_SEC	1000000000LL

static void read_text(const char *path, char text[TEXT_SIZE])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t size;

	if (fd < 0)
		err(EXIT_FAILURE, "%s", path);
	size = read(fd, text, TEXT_SIZE - 1);
	if (size < 0)
		err(EXIT_FAILURE, "%s", path);
	close(fd);
	text[size] = '\0';
}

static void write_file(const char *path, const char *bytes, size_t size)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t written;

	if (fd < 0)
		err(EXIT_FAILURE, "%s", path);
	for (; size; bytes += written, size -= written) {
		written = write(fd, bytes, size);
		if (written < 0)
			err(EXIT_FAILURE, "%s", path);
	}
	close(fd);
}

static long long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * NSEC_PER_SEC + time.tv_nsec;
}

/*
 * Lines are: range of addresses, size in bytes, function that asked for it. Those which are given
 * back already have no function.
 */
static bool is_image(const char *line)
{
	return strstr(line, " fw_") || strstr(line, " seamldr_");
}

static size_t mapped_kb(void)
{
	FILE *file = fopen(VMALLOCINFO, "re");
	size_t sum = 0, size;
	char line[TEXT_SIZE];

	if (!file)
		err(EXIT_FAILURE, VMALLOCINFO);
	while (fgets(line, sizeof(line), file)) {
		if (is_image(line) && sscanf(line, "%*s %zu", &size) == 1)
			sum += size;
	}
	fclose(file);
	return sum / 1024;
}

static size_t read_image(const char *path, char *image)
{
	FILE *file = fopen(path, "re");
	size_t size;

	if (!file)
		err(EXIT_FAILURE, "%s", path);
	size = fread(image, 1, MAX_IMAGE_SIZE, file);
	fclose(file);
	return size;
}

static bool is_idle(void)
{
	char status[TEXT_SIZE];

	read_text(DEVICE "status", status);
	return !strcmp(status, "idle\n");
}

static void upload(const char *image, size_t size)
{
	write_file(DEVICE "loading", "1", 1);
	write_file(DEVICE "data", image, size);
}

static void print_time(void)
{
	const struct timespec poll = { .tv_nsec = POLL_NSEC };
	long long start = now();

	write_file(DEVICE "loading", "0", 1);
	while (!is_idle())
		nanosleep(&poll, NULL);
	printf("%lld\n", now() - start);
}

static void print_memory(size_t before)
{
	size_t most = 0, seen;

	write_file(DEVICE "loading", "0", 1);
	do {
		seen = mapped_kb();
		if (seen > most)
			most = seen;
	} while (!is_idle());
	printf("%zu\t%zu\t%zu\n", before, most, mapped_kb());
}

int main(int argc, char **argv)
{
	bool memory = argc == 3 && !strcmp(argv[1], "-m");
	static char image[MAX_IMAGE_SIZE];
	char error[TEXT_SIZE];
	size_t size, before;

	if (argc != 2 && !memory)
		errx(EXIT_FAILURE, "usage: timed_upload [-m] IMAGE");
	size = read_image(argv[argc - 1], image);
	before = mapped_kb();
	upload(image, size);
	if (memory)
		print_memory(before);
	else
		print_time();

	read_text(DEVICE "error", error);
	if (*error)
		errx(EXIT_FAILURE, "%s: %s", argv[argc - 1], error);
	return EXIT_SUCCESS;
}
