// SPDX-License-Identifier: GPL-2.0-only
/*
 * A firmware upload device for tdxmod's tests: linked in place of sysfs_read()
 * and sysfs_put(), with a folder of plain files as its memory, so that it
 * survives the process as the kernel's would.  Behaves like the kernel's
 * firmware_loader as far as a writer can see.
 *
 * The environment says how it behaves:
 *   FAKE_SHORT=N        take at most N bytes of data at once
 *   FAKE_EINTR=1        every other access ends with EINTR
 *   FAKE_DATA_ERROR=E   errno after the first page of data
 *   FAKE_DONE_ERROR=E   errno when the image is handed over
 *   FAKE_WRITE_USEC=N   each page of data takes so long
 *   FAKE_RUN_MSEC=N     the update takes so long
 *   FAKE_RESULT=P:E     what "error" says afterwards
 *   FAKE_STATE=WORD     what "module_state" says afterwards
 *   FAKE_REASON=WORD    what "last_error" says afterwards
 *   FAKE_CANCEL=1       an update can be cancelled
 */
#include <endian.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "image.h"
#include "sysfs.h"

#define STARTED		"fake-started"
#define CANCELLED	"fake-cancelled"

#define MSEC_PER_SEC	1000L
#define NSEC_PER_MSEC	1000000L

int __real_sysfs_read(const char *root, const char *attribute, char text[SYSFS_TEXT_SIZE]);
ssize_t __real_sysfs_put(int fd, const void *bytes, size_t size, off_t offset);
int __wrap_sysfs_read(const char *root, const char *attribute, char text[SYSFS_TEXT_SIZE]);
ssize_t __wrap_sysfs_put(int fd, const void *bytes, size_t size, off_t offset);

static long setting(const char *name)
{
	const char *value = getenv(name);

	return value ? strtol(value, NULL, 0) : 0;
}

static long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * MSEC_PER_SEC + time.tv_nsec / NSEC_PER_MSEC;
}

static char *path_in(const char *folder, const char *name)
{
	char *path;

	if (asprintf(&path, "%s/%s", folder, name) < 0)
		abort();
	return path;
}

static FILE *open_in(const char *folder, const char *name, const char *mode)
{
	char *path = path_in(folder, name);
	FILE *file = fopen(path, mode);

	free(path);
	return file;
}

static void write_text(const char *folder, const char *name, const char *text)
{
	FILE *file = open_in(folder, name, "w");

	if (!file)
		abort();
	fputs(text, file);
	fclose(file);
}

static long read_number(const char *folder, const char *name)
{
	FILE *file = open_in(folder, name, "r");
	long number = -1;

	if (!file)
		return -1;
	if (fscanf(file, "%ld", &number) != 1)
		number = -1;
	fclose(file);
	return number;
}

static void remove_file(const char *folder, const char *name)
{
	char *path = path_in(folder, name);

	unlink(path);
	free(path);
}

static bool in_progress(const char *device)
{
	return read_number(device, STARTED) >= 0;
}

/* What a module of the uploaded image would answer. */
static void install(const char *root, const char *device)
{
	char *tdx_host = path_in(root, SYSFS_TDX_HOST), text[SYSFS_TEXT_SIZE];
	FILE *file = open_in(device, "data", "r");
	struct seam_sigstruct sigstruct;
	struct version version;

	if (!file || fseek(file, TDX_BLOB_HEADER_SIZE, SEEK_SET) ||
	    fread(&sigstruct, sizeof(sigstruct), 1, file) != 1)
		abort();
	fclose(file);

	if (sigstruct_version(&sigstruct, &version)) {
		version_format(version, text);
		write_text(tdx_host, "version", text);
	}
	snprintf(text, sizeof(text), "%ld\n",
		 read_number(tdx_host, "num_remaining_updates") - 1);
	write_text(tdx_host, "num_remaining_updates", text);
	free(tdx_host);
}

static void end_update(const char *root, const char *device)
{
	const char *result = getenv("FAKE_RESULT"), *state = getenv("FAKE_STATE");
	const char *reason = getenv("FAKE_REASON");
	char *tdx_host = path_in(root, SYSFS_TDX_HOST);

	remove_file(device, STARTED);
	if (read_number(device, CANCELLED) >= 0)
		write_text(device, "error", "transferring:user-abort\n");
	else if (result)
		write_text(device, "error", result);
	else
		install(root, device);
	remove_file(device, CANCELLED);

	if (state)
		write_text(tdx_host, "module_state", state);
	if (reason)
		write_text(tdx_host, "last_error", reason);
	free(tdx_host);
}

static int read_status(const char *root, const char *device, char text[SYSFS_TEXT_SIZE])
{
	static const char *const phases[] = { "receiving", "preparing", "transferring" };
	long started = read_number(device, STARTED), duration = setting("FAKE_RUN_MSEC");
	long phase;

	if (started < 0) {
		strcpy(text, "idle");
		return 0;
	}
	if (now() - started >= duration || read_number(device, CANCELLED) >= 0) {
		end_update(root, device);
		strcpy(text, "idle");
		return 0;
	}
	phase = (now() - started) * 3 / duration;
	strcpy(text, phases[phase < 2 ? phase : 2]);
	return 0;
}

int __wrap_sysfs_read(const char *root, const char *attribute, char text[SYSFS_TEXT_SIZE])
{
	char *device = path_in(root, SYSFS_UPLOAD);
	int error;

	if (!strcmp(attribute, SYSFS_UPLOAD "/status") && !access(device, F_OK))
		error = read_status(root, device, text);
	else if (!strcmp(attribute, SYSFS_UPLOAD "/error") && in_progress(device))
		error = -EBUSY;
	else
		error = __real_sysfs_read(root, attribute, text);
	free(device);
	return error;
}

static ssize_t put_loading(const char *device, const char *word, size_t size)
{
	char text[SYSFS_TEXT_SIZE];

	/* The kernel's loader does not complain either. */
	if (in_progress(device))
		return size;

	if (!strncmp(word, "1", size)) {
		write_text(device, "data", "");
		write_text(device, "loading", "1\n");
	} else if (!strncmp(word, "0", size) && read_number(device, "loading") == 1) {
		if (setting("FAKE_DONE_ERROR"))
			return -setting("FAKE_DONE_ERROR");
		write_text(device, "error", "");
		snprintf(text, sizeof(text), "%ld\n", now());
		write_text(device, STARTED, text);
		write_text(device, "loading", "0\n");
	} else {
		write_text(device, "data", "");
		write_text(device, "loading", "0\n");
	}
	return size;
}

static ssize_t put_data(const char *device, int fd, const void *bytes, size_t size, off_t offset)
{
	if (in_progress(device))
		return -ENODEV;
	if (offset && setting("FAKE_DATA_ERROR"))
		return -setting("FAKE_DATA_ERROR");
	if (setting("FAKE_SHORT") && size > (size_t)setting("FAKE_SHORT"))
		size = setting("FAKE_SHORT");
	if (setting("FAKE_WRITE_USEC"))
		usleep(setting("FAKE_WRITE_USEC"));
	return __real_sysfs_put(fd, bytes, size, offset);
}

static ssize_t put_cancel(const char *device, size_t size)
{
	if (!in_progress(device))
		return -ENODEV;
	if (!setting("FAKE_CANCEL"))
		return -EBUSY;
	write_text(device, CANCELLED, "1\n");
	return size;
}

ssize_t __wrap_sysfs_put(int fd, const void *bytes, size_t size, off_t offset)
{
	static unsigned int accesses;
	char link[SYSFS_TEXT_SIZE], path[PATH_MAX], *name;
	ssize_t length;

	if (setting("FAKE_EINTR") && accesses++ % 2 == 0)
		return -EINTR;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, path, sizeof(path) - 1);
	if (length < 0)
		abort();
	path[length] = '\0';
	name = strrchr(path, '/');
	*name++ = '\0';

	if (!strcmp(name, "loading"))
		return put_loading(path, bytes, size);
	if (!strcmp(name, "cancel"))
		return put_cancel(path, size);
	return put_data(path, fd, bytes, size, offset);
}
