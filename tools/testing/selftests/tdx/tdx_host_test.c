// SPDX-License-Identifier: GPL-2.0
/*
 * The interface in sysfs to the TDX module of a host: attributes, who may use them, uploads
 * that are refused, and what happens at the same time. No TD is needed.
 *
 * By itself it uploads nothing but files that are no images, which are refused before anything
 * is touched. More is done with an image only if the environment names one:
 *   TDX_TEST_IMAGE  damaged copies of it are uploaded, too, and it is installed
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <regex.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "td_upload.h"

#define ENV_IMAGE	"TDX_TEST_IMAGE"
#define UID_NOBODY	65534
#define NR_UPLOADERS	4
#define NR_ROUNDS	10
/* Enough to meet an upload while it goes on. */
#define BUSY_TRIES	50
#define TEST_TIMEOUT_SEC	120
#define CPU_TO_OFFLINE	1

/* struct tdx_blob and SEAM_SIGSTRUCT: what is damaged in a copy of a good image. */
#define BLOB_PAGE_SIZE	4096
#define OFFSET_MAGIC	8
#define OFFSET_SIGNATURE	(BLOB_PAGE_SIZE + 516)
#define OFFSET_SEAMHASH	(BLOB_PAGE_SIZE + 900)
#define OFFSET_SEAMSVN	(BLOB_PAGE_SIZE + 949)
#define OFFSET_LAST	(-1L)

#define VERSION		"^[0-9]+\\.[0-9]+\\.[0-9]{2,}$"
#define NUMBER		"^[0-9]+$"
#define WORD		"^[a-z-]+$"
#define STATE		"^(ready|shutdown|lost)$"

static bool matches(const char *text, const char *pattern)
{
	regex_t regex;
	bool good;

	if (regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB))
		return false;
	good = !regexec(&regex, text, 0, NULL, 0);
	regfree(&regex);
	return good;
}

static bool can_update(void)
{
	return !access(UPLOAD_DIR, F_OK);
}

/* Why a test has nothing to work on here, or NULL. */
static const char *missing(bool need_update, struct image *image)
{
	if (access(HOST_DIR "version", F_OK))
		return "no TDX host device: no TDX here, or no driver";
	if (need_update && !can_update())
		return "this TDX module cannot be updated at run time";
	if (geteuid())
		return "not root";
	if (image && !getenv(ENV_IMAGE))
		return ENV_IMAGE " names no image";
	if (image && image_load(getenv(ENV_IMAGE), image))
		return "cannot read the image that " ENV_IMAGE " names";
	return NULL;
}

FIXTURE(attribute) {
};

FIXTURE_VARIANT(attribute) {
	const char *path;
	mode_t mode;
	/* What it reads as, if it can be read. */
	const char *value;
	int read_error;
	bool needs_update;
};

FIXTURE_VARIANT_ADD(attribute, version) {
	.path = HOST_DIR "version", .mode = 0444, .value = VERSION,
};

FIXTURE_VARIANT_ADD(attribute, module_state) {
	.path = HOST_DIR "module_state", .mode = 0444, .value = STATE,
};

FIXTURE_VARIANT_ADD(attribute, last_error) {
	.path = HOST_DIR "last_error", .mode = 0444, .value = WORD, .needs_update = true,
};

FIXTURE_VARIANT_ADD(attribute, seamldr_version) {
	.path = HOST_DIR "seamldr_version", .mode = 0400, .value = VERSION,
	.needs_update = true,
};

FIXTURE_VARIANT_ADD(attribute, num_remaining_updates) {
	.path = HOST_DIR "num_remaining_updates", .mode = 0400, .value = NUMBER,
	.needs_update = true,
};

FIXTURE_VARIANT_ADD(attribute, status) {
	.path = UPLOAD_DIR "status", .mode = 0444, .value = WORD, .needs_update = true,
};

FIXTURE_VARIANT_ADD(attribute, error) {
	.path = UPLOAD_DIR "error", .mode = 0444, .value = "^[a-z:-]*$", .needs_update = true,
};

FIXTURE_VARIANT_ADD(attribute, remaining_size) {
	.path = UPLOAD_DIR "remaining_size", .mode = 0444, .value = NUMBER,
	.needs_update = true,
};

FIXTURE_VARIANT_ADD(attribute, loading) {
	.path = UPLOAD_DIR "loading", .mode = 0644, .value = "^0$", .needs_update = true,
};

FIXTURE_VARIANT_ADD(attribute, data_file) {
	.path = UPLOAD_DIR "data", .mode = 0644, .value = "^$", .needs_update = true,
};

FIXTURE_VARIANT_ADD(attribute, cancel) {
	.path = UPLOAD_DIR "cancel", .mode = 0200, .read_error = -EACCES,
	.needs_update = true,
};

FIXTURE_SETUP(attribute)
{
	const char *why = missing(variant->needs_update, NULL);

	if (why)
		SKIP(return, "%s", why);
}

FIXTURE_TEARDOWN(attribute)
{
}

TEST_F(attribute, has_its_mode)
{
	struct stat stat_of;

	ASSERT_EQ(0, stat(variant->path, &stat_of)) {
		TH_LOG("%s: %m", variant->path);
	}
	EXPECT_EQ(variant->mode, stat_of.st_mode & ALLPERMS);
	EXPECT_EQ(0U, stat_of.st_uid);
}

TEST_F(attribute, reads_as_documented)
{
	char text[TEXT_SIZE];

	ASSERT_EQ(variant->read_error, read_text(variant->path, text));
	EXPECT_TRUE(variant->read_error || matches(text, variant->value)) {
		TH_LOG("%s: '%s'", variant->path, text);
	}
}

/* As someone who is not root: 0 or a negative errno. */
static int open_as_nobody(const char *path, int flags)
{
	pid_t child = fork();
	int status;

	if (!child) {
		if (setgid(UID_NOBODY) || setuid(UID_NOBODY))
			_exit(EINVAL);
		_exit(open(path, flags) < 0 ? errno : 0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
		return -ECHILD;
	return -WEXITSTATUS(status);
}

TEST_F(attribute, is_for_root_only_if_it_says_so)
{
	bool readable = variant->mode & 0004;

	EXPECT_EQ(readable ? 0 : -EACCES, open_as_nobody(variant->path, O_RDONLY));
	EXPECT_EQ(-EACCES, open_as_nobody(variant->path, O_WRONLY));
}

TEST_F(attribute, is_writable_only_if_it_says_so)
{
	int fd = open(variant->path, O_WRONLY | O_CLOEXEC);

	if (variant->mode & 0200) {
		EXPECT_LE(0, fd);
	} else {
		EXPECT_EQ(-1, fd);
		EXPECT_EQ(EACCES, errno);
	}
	close(fd);
}

/* All that an upload that is refused must leave alone. */
struct sight {
	char version[TEXT_SIZE];
	char state[TEXT_SIZE];
	char updates[TEXT_SIZE];
};

static bool look(struct sight *sight)
{
	*sight = (struct sight) { };
	return !read_text(HOST_DIR "version", sight->version) &&
	       !read_text(HOST_DIR "module_state", sight->state) &&
	       !read_text(HOST_DIR "num_remaining_updates", sight->updates);
}

static bool same(const struct sight *a, const struct sight *b)
{
	return !memcmp(a, b, sizeof(*a));
}

#define EXPECT_REFUSED(image, expected_error, expected_reason) do {		\
	char _error[TEXT_SIZE], _reason[TEXT_SIZE];				\
	struct sight _before, _after;						\
										\
	ASSERT_TRUE(look(&_before));						\
	ASSERT_EQ(0, upload(image, _error));					\
	ASSERT_TRUE(look(&_after));						\
	ASSERT_EQ(0, read_text(HOST_DIR "last_error", _reason));		\
	EXPECT_STREQ(expected_error, _error);					\
	EXPECT_STREQ(expected_reason, _reason);					\
	EXPECT_TRUE(same(&_before, &_after));					\
} while (0)

FIXTURE(no_image) {
	struct image image;
};

FIXTURE_VARIANT(no_image) {
	size_t size;
	const char *error;
	const char *reason;
};

FIXTURE_VARIANT_ADD(no_image, one_byte) {
	.size = 1,
	.error = "preparing:invalid-file-size", .reason = "file-size",
};

FIXTURE_VARIANT_ADD(no_image, one_page) {
	.size = BLOB_PAGE_SIZE,
	.error = "preparing:invalid-file-size", .reason = "file-size",
};

FIXTURE_VARIANT_ADD(no_image, no_whole_pages) {
	.size = 4 * BLOB_PAGE_SIZE - 1,
	.error = "preparing:invalid-file-size", .reason = "file-size",
};

FIXTURE_VARIANT_ADD(no_image, zeros) {
	.size = 4 * BLOB_PAGE_SIZE,
	.error = "preparing:firmware-invalid", .reason = "format-version",
};

FIXTURE_VARIANT_ADD(no_image, too_large) {
	.size = 1024 * BLOB_PAGE_SIZE,
	.error = "preparing:invalid-file-size", .reason = "file-size",
};

FIXTURE_SETUP(no_image)
{
	const char *why = missing(true, NULL);

	if (why)
		SKIP(return, "%s", why);
	self->image = (struct image) {
		.bytes = calloc(1, variant->size), .size = variant->size,
	};
	ASSERT_NE(NULL, self->image.bytes);
}

FIXTURE_TEARDOWN(no_image)
{
	image_free(&self->image);
}

TEST_F_TIMEOUT(no_image, is_refused, TEST_TIMEOUT_SEC)
{
	EXPECT_REFUSED(&self->image, variant->error, variant->reason);
}

FIXTURE(damaged_image) {
	struct image image;
};

FIXTURE_VARIANT(damaged_image) {
	long offset;
	const char *reason;
};

FIXTURE_VARIANT_ADD(damaged_image, magic) {
	.offset = OFFSET_MAGIC, .reason = "magic",
};

FIXTURE_VARIANT_ADD(damaged_image, signature) {
	.offset = OFFSET_SIGNATURE, .reason = "signature",
};

FIXTURE_VARIANT_ADD(damaged_image, hash) {
	.offset = OFFSET_SEAMHASH, .reason = "signature",
};

FIXTURE_VARIANT_ADD(damaged_image, svn) {
	.offset = OFFSET_SEAMSVN, .reason = "svn",
};

FIXTURE_VARIANT_ADD(damaged_image, module) {
	.offset = OFFSET_LAST, .reason = "hash",
};

FIXTURE_SETUP(damaged_image)
{
	const char *why = missing(true, &self->image);

	if (why)
		SKIP(return, "%s", why);
}

FIXTURE_TEARDOWN(damaged_image)
{
	image_free(&self->image);
}

static void flip_a_bit(struct image *image, long offset)
{
	image->bytes[offset < 0 ? (long)image->size + offset : offset] ^= 1;
}

TEST_F_TIMEOUT(damaged_image, is_refused, TEST_TIMEOUT_SEC)
{
	flip_a_bit(&self->image, variant->offset);
	EXPECT_REFUSED(&self->image, "preparing:firmware-invalid", variant->reason);
}

/* Of a file that is no image. */
FIXTURE(refused_upload) {
	struct image image;
};

FIXTURE_SETUP(refused_upload)
{
	const char *why = missing(true, NULL);

	if (why)
		SKIP(return, "%s", why);
	self->image = (struct image) {
		.bytes = calloc(4, BLOB_PAGE_SIZE), .size = 4 * BLOB_PAGE_SIZE,
	};
	ASSERT_NE(NULL, self->image.bytes);
}

FIXTURE_TEARDOWN(refused_upload)
{
	image_free(&self->image);
}

#define EXPECT_NO_IMAGE(image)							\
	EXPECT_REFUSED(image, "preparing:firmware-invalid", "format-version")

/* Of the image that the environment names. */
FIXTURE(upload) {
	struct image image;
};

FIXTURE_SETUP(upload)
{
	const char *why = missing(true, &self->image);

	if (why)
		SKIP(return, "%s", why);
}

FIXTURE_TEARDOWN(upload)
{
	cpu_set_online(CPU_TO_OFFLINE, true);
	image_free(&self->image);
}

static long updates_left(void)
{
	char text[TEXT_SIZE];

	return read_text(HOST_DIR "num_remaining_updates", text) ? -1 : strtol(text, NULL, 10);
}

TEST_F_TIMEOUT(upload, of_a_good_image_installs_it, TEST_TIMEOUT_SEC)
{
	char error[TEXT_SIZE], text[TEXT_SIZE];
	long left;

	left = updates_left();
	ASSERT_EQ(0, upload(&self->image, error));
	ASSERT_STREQ("", error);
	EXPECT_EQ(left - 1, updates_left());
	ASSERT_EQ(0, read_text(HOST_DIR "module_state", text));
	EXPECT_STREQ("ready", text);
	ASSERT_EQ(0, read_text(HOST_DIR "last_error", text));
	EXPECT_STREQ("none", text);
	ASSERT_EQ(0, read_text(UPLOAD_DIR "remaining_size", text));
	EXPECT_STREQ("0", text);
}

TEST_F_TIMEOUT(upload, is_possible_after_a_refusal, TEST_TIMEOUT_SEC)
{
	char error[TEXT_SIZE];

	flip_a_bit(&self->image, OFFSET_MAGIC);
	EXPECT_REFUSED(&self->image, "preparing:firmware-invalid", "magic");
	flip_a_bit(&self->image, OFFSET_MAGIC);
	ASSERT_EQ(0, upload(&self->image, error));
	EXPECT_STREQ("", error);
}

TEST_F_TIMEOUT(refused_upload, of_nothing, TEST_TIMEOUT_SEC)
{
	const struct image nothing = { .bytes = "" };
	struct sight before, after;
	char error[TEXT_SIZE];

	ASSERT_TRUE(look(&before));
	ASSERT_EQ(0, upload(&nothing, error));
	ASSERT_TRUE(look(&after));
	EXPECT_TRUE(same(&before, &after));
}

TEST_F_TIMEOUT(refused_upload, cannot_be_cancelled_afterwards, TEST_TIMEOUT_SEC)
{
	int fd = open(UPLOAD_DIR "cancel", O_WRONLY | O_CLOEXEC);

	ASSERT_LE(0, fd);
	EXPECT_EQ(-1, write(fd, "1", 1));
	EXPECT_EQ(ENODEV, errno);
	close(fd);
}

/* What happens to a second one while the first goes on. */
struct busy {
	int error;
	int data;
	bool cancelled;
};

/* Whether the first one was still there at the end. */
static bool interfere(const struct image *image, struct busy *busy)
{
	int data = open(UPLOAD_DIR "data", O_WRONLY | O_CLOEXEC);
	int cancel = open(UPLOAD_DIR "cancel", O_WRONLY | O_CLOEXEC);
	char status[TEXT_SIZE], text[TEXT_SIZE];

	if (!upload_begin(image)) {
		busy->data = write(data, image->bytes, 1) < 0 ? errno : 0;
		busy->cancelled = write(cancel, "1", 1) == 1;
		busy->error = -read_text(UPLOAD_DIR "error", text);
	}
	close(data);
	close(cancel);
	return !read_text(UPLOAD_DIR "status", status) && strcmp(status, "idle");
}

/* Neither a second one nor a cancellation changes what comes of the first. */
TEST_F_TIMEOUT(upload, cannot_be_disturbed, TEST_TIMEOUT_SEC)
{
	char error[TEXT_SIZE], reason[TEXT_SIZE];
	struct busy busy = { };
	bool met = false;

	/* Refused in the end, after all the work of checking it. */
	flip_a_bit(&self->image, OFFSET_LAST);
	for (unsigned int i = 0; !met && i < BUSY_TRIES; i++) {
		met = interfere(&self->image, &busy);
		ASSERT_EQ(0, upload_end(error));
		EXPECT_STREQ("preparing:firmware-invalid", error);
		ASSERT_EQ(0, read_text(HOST_DIR "last_error", reason));
		EXPECT_STREQ("hash", reason);
	}
	ASSERT_TRUE(met);
	EXPECT_EQ(ENODEV, busy.data);
	EXPECT_EQ(EBUSY, busy.error);
	EXPECT_TRUE(busy.cancelled);
}

/* Reads one attribute for as long as it is told. */
struct reader {
	pthread_t thread;
	atomic_bool *done;
	const char *path;
	const char *pattern;
	/* What it may fail by meanwhile. */
	int may_fail_by;
	unsigned long nr_read;
	unsigned long nr_bad;
	char bad[TEXT_SIZE];
};

static void read_once(struct reader *reader)
{
	char text[TEXT_SIZE];
	int ret = read_text(reader->path, text);

	reader->nr_read++;
	if (ret && ret == -reader->may_fail_by)
		return;
	if (!ret && matches(text, reader->pattern))
		return;
	reader->nr_bad++;
	snprintf(reader->bad, sizeof(reader->bad), "%d '%.100s'", ret, text);
}

static void *read_on(void *arg)
{
	struct reader *reader = arg;

	do
		read_once(reader);
	while (!atomic_load(reader->done));
	return NULL;
}

static struct reader readers[] = {
	{ .path = HOST_DIR "version",			.pattern = VERSION },
	{ .path = HOST_DIR "module_state",		.pattern = "^ready$" },
	{ .path = HOST_DIR "last_error",		.pattern = WORD },
	{ .path = HOST_DIR "seamldr_version",		.pattern = VERSION },
	{ .path = HOST_DIR "num_remaining_updates",	.pattern = NUMBER },
	{ .path = UPLOAD_DIR "status",			.pattern = WORD },
	{ .path = UPLOAD_DIR "error",			.pattern = "^[a-z:-]*$",
	  .may_fail_by = EBUSY },
	{ .path = UPLOAD_DIR "remaining_size",		.pattern = NUMBER },
};

static int start_readers(atomic_bool *done)
{
	int ret = 0;

	atomic_store(done, false);
	for (size_t i = 0; !ret && i < ARRAY_SIZE(readers); i++) {
		readers[i].done = done;
		readers[i].nr_read = 0;
		readers[i].nr_bad = 0;
		ret = pthread_create(&readers[i].thread, NULL, read_on, &readers[i]);
	}
	return ret;
}

static void end_readers(atomic_bool *done)
{
	atomic_store(done, true);
	for (size_t i = 0; i < ARRAY_SIZE(readers); i++)
		pthread_join(readers[i].thread, NULL);
}

#define EXPECT_ALL_WELL_READ() do {						\
	for (size_t _i = 0; _i < ARRAY_SIZE(readers); _i++) {				\
		EXPECT_NE(0UL, readers[_i].nr_read);				\
		EXPECT_EQ(0UL, readers[_i].nr_bad) {				\
			TH_LOG("%s: %s", readers[_i].path, readers[_i].bad);	\
		}								\
	}									\
} while (0)

TEST_F_TIMEOUT(refused_upload, leaves_readers_alone, TEST_TIMEOUT_SEC)
{
	atomic_bool done;

	ASSERT_EQ(0, start_readers(&done));
	for (unsigned int i = 0; i < NR_ROUNDS; i++)
		EXPECT_NO_IMAGE(&self->image);
	end_readers(&done);
	EXPECT_ALL_WELL_READ();
}

TEST_F_TIMEOUT(upload, leaves_readers_alone, TEST_TIMEOUT_SEC)
{
	char error[TEXT_SIZE];
	atomic_bool done;

	ASSERT_EQ(0, start_readers(&done));
	ASSERT_EQ(0, upload(&self->image, error));
	EXPECT_STREQ("", error);
	end_readers(&done);
	EXPECT_ALL_WELL_READ();
}

/* Uploads without regard to others, who write into the same file. */
static void *upload_on(void *arg)
{
	const struct image *image = arg;

	for (unsigned int i = 0; i < NR_ROUNDS; i++) {
		upload_begin(image);
		upload_wait("idle");
	}
	return NULL;
}

/* Whatever file comes of them, it is no image; and the next one is not mixed up with it. */
TEST_F_TIMEOUT(refused_upload, by_several_at_once, TEST_TIMEOUT_SEC)
{
	pthread_t uploaders[NR_UPLOADERS];
	struct sight before, after;

	ASSERT_TRUE(look(&before));
	for (unsigned int i = 0; i < NR_UPLOADERS; i++)
		ASSERT_EQ(0, pthread_create(&uploaders[i], NULL, upload_on, &self->image));
	for (unsigned int i = 0; i < NR_UPLOADERS; i++)
		pthread_join(uploaders[i], NULL);
	ASSERT_EQ(0, upload_wait("idle"));
	ASSERT_TRUE(look(&after));
	EXPECT_TRUE(same(&before, &after));
	EXPECT_NO_IMAGE(&self->image);
}

TEST_F_TIMEOUT(upload, waits_for_all_cpus, TEST_TIMEOUT_SEC)
{
	char error[TEXT_SIZE];

	if (cpu_set_online(CPU_TO_OFFLINE, false))
		SKIP(return, "CPU %u cannot be taken offline", CPU_TO_OFFLINE);
	EXPECT_REFUSED(&self->image, "preparing:device-busy", "cpu-offline");
	ASSERT_EQ(0, cpu_set_online(CPU_TO_OFFLINE, true));
	ASSERT_EQ(0, upload(&self->image, error));
	EXPECT_STREQ("", error);
}

TEST_HARNESS_MAIN
