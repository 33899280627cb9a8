// SPDX-License-Identifier: GPL-2.0-only
/*
 * The protocol of the kernel's firmware upload device: 1 into "loading", the
 * image into "data", 0 into "loading", then watch "status" until it is idle.
 *
 * Until the 0 is written nothing has happened, and every way out writes -1,
 * which throws the half image away.  After it the kernel works on its own; a
 * signal then asks it to cancel, and the answer is waited for, since only the
 * kernel knows whether it was too late.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "update.h"

#define LOADING_START	"1"
#define LOADING_DONE	"0"
#define LOADING_ABORT	"-1"
#define CANCEL		"1"
#define STATUS_IDLE	"idle"

/* What sysfs takes at once; a signal is noticed in between. */
#define CHUNK_SIZE		4096U

#define POLL_NANOSECONDS	20000000L
#define NANOSECONDS		1000000000L

/* A living writer has long finished by then. */
#define ABANDONED_SECONDS	2

static volatile sig_atomic_t signals_caught;

static void catch(int signal)
{
	(void)signal;
	signals_caught++;
}

static const int caught_signals[] = { SIGINT, SIGTERM, SIGHUP };

#define NR_SIGNALS	(sizeof(caught_signals) / sizeof(caught_signals[0]))

static void catch_signals(struct sigaction old[NR_SIGNALS])
{
	struct sigaction action = { .sa_handler = catch };
	size_t i;

	signals_caught = 0;
	for (i = 0; i < NR_SIGNALS; i++) {
		sigaction(caught_signals[i], &action, &old[i]);
		/* nohup(1) and the like know what they want. */
		if (old[i].sa_handler == SIG_IGN)
			sigaction(caught_signals[i], &old[i], NULL);
	}
}

static void release_signals(const struct sigaction old[NR_SIGNALS])
{
	size_t i;

	for (i = 0; i < NR_SIGNALS; i++)
		sigaction(caught_signals[i], &old[i], NULL);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec + (double)time.tv_nsec / NANOSECONDS;
}

static void pause_shortly(void)
{
	const struct timespec time = { .tv_nsec = POLL_NANOSECONDS };

	/* A signal may end it early, which is welcome. */
	nanosleep(&time, NULL);
}

/* Return: 0 or a negative errno. */
static int put_word(int fd, const char *word)
{
	ssize_t done;

	do {
		done = sysfs_put(fd, word, strlen(word), 0);
	} while (done == -EINTR);
	return done < 0 ? done : 0;
}

static enum update_end end_of_error(struct update *update, int error)
{
	update->error = -error;
	switch (-error) {
	case ENOENT:
		return UPDATE_NO_DEVICE;
	case EACCES:
	case EPERM:
		return UPDATE_NOT_ALLOWED;
	/* The device answers ENODEV to data while it works on another image. */
	case ENODEV:
	case EBUSY:
		return UPDATE_BUSY;
	default:
		return UPDATE_WRITE_FAILED;
	}
}

static enum update_end write_image(struct update *update, int fd, const uint8_t *bytes,
				   size_t size)
{
	size_t offset = 0, chunk;
	ssize_t done;

	while (offset < size) {
		if (signals_caught)
			return UPDATE_INTERRUPTED;
		chunk = size - offset < CHUNK_SIZE ? size - offset : CHUNK_SIZE;
		done = sysfs_put(fd, bytes + offset, chunk, offset);
		if (done == -EINTR)
			continue;
		if (done < 0)
			return end_of_error(update, done);
		if (!done)
			return end_of_error(update, -EIO);
		offset += done;
	}
	return signals_caught ? UPDATE_INTERRUPTED : UPDATE_ENDED;
}

static enum update_end fill_device(struct update *update, int loading, const void *blob,
				   size_t size)
{
	enum update_end end;
	int data, error;

	data = sysfs_open(update->sysfs, SYSFS_UPLOAD "/data", O_WRONLY);
	if (data < 0)
		return end_of_error(update, data);

	error = put_word(loading, LOADING_START);
	end = error ? end_of_error(update, error) : write_image(update, data, blob, size);
	close(data);
	if (end != UPDATE_ENDED)
		put_word(loading, LOADING_ABORT);
	return end;
}

static bool is_loading(const struct update *update)
{
	char text[SYSFS_TEXT_SIZE];

	return !sysfs_read(update->sysfs, SYSFS_UPLOAD "/loading", text) &&
	       !strcmp(text, LOADING_START);
}

/*
 * Another tdxmod is kept out by the lock, which dies with its holder.  Any
 * other writer gets some time to show that it lives.
 */
static void discard_abandoned(const struct update *update)
{
	double deadline = now() + ABANDONED_SECONDS;

	while (is_loading(update) && !signals_caught) {
		if (now() < deadline) {
			pause_shortly();
			continue;
		}
		if (update->recovering)
			update->recovering();
		return;
	}
}

/*
 * The loader takes a new image a moment before the device is idle, but would
 * then not hand it over, and take no other any more.
 */
static bool device_is_idle(const struct update *update)
{
	char text[SYSFS_TEXT_SIZE];

	return sysfs_read(update->sysfs, SYSFS_UPLOAD "/status", text) ||
	       !strcmp(text, STATUS_IDLE);
}

static enum update_end start(struct update *update, int loading, const void *blob, size_t size)
{
	enum update_end end;
	int error;

	if (!device_is_idle(update))
		return UPDATE_BUSY;
	discard_abandoned(update);

	end = fill_device(update, loading, blob, size);
	if (end != UPDATE_ENDED)
		return end;
	/* Who knows nothing of the lock may have begun, and ended, meanwhile. */
	if (!is_loading(update))
		return UPDATE_BUSY;

	error = put_word(loading, LOADING_DONE);
	if (error) {
		put_word(loading, LOADING_ABORT);
		return end_of_error(update, error);
	}
	return UPDATE_ENDED;
}

/* The driver may not be able to; then the update just goes on. */
static void ask_to_cancel(const struct update *update)
{
	int fd = sysfs_open(update->sysfs, SYSFS_UPLOAD "/cancel", O_WRONLY);

	if (fd < 0)
		return;
	put_word(fd, CANCEL);
	close(fd);
}

static void report_change(const struct update *update, char last[SYSFS_TEXT_SIZE],
			  const char *status)
{
	if (!strcmp(last, status))
		return;
	strcpy(last, status);
	if (update->progress)
		update->progress(status);
}

static enum update_end watch(const struct update *update)
{
	char status[SYSFS_TEXT_SIZE], last[SYSFS_TEXT_SIZE] = "";
	double deadline = now() + update->timeout_seconds;
	bool cancelled = false;

	for (;;) {
		if (!sysfs_read(update->sysfs, SYSFS_UPLOAD "/status", status)) {
			report_change(update, last, status);
			if (!strcmp(status, STATUS_IDLE))
				return UPDATE_ENDED;
		}
		if (now() >= deadline)
			return UPDATE_TIMEOUT;
		if (signals_caught > 1)
			return UPDATE_LEFT_ALONE;
		if (signals_caught && !cancelled) {
			if (update->cancelling)
				update->cancelling();
			ask_to_cancel(update);
			cancelled = true;
		}
		pause_shortly();
	}
}

static enum update_end run_locked(struct update *update, int loading, const void *blob,
				  size_t size)
{
	double begin = now();
	enum update_end end;

	end = start(update, loading, blob, size);
	if (end == UPDATE_ENDED)
		end = watch(update);
	update->seconds = now() - begin;
	return end;
}

/**
 * update_run() - Hand an image to the kernel and wait for the end
 * @update: how, and what came of it
 * @blob: the image
 * @size: its length
 */
enum update_end update_run(struct update *update, const void *blob, size_t size)
{
	struct sigaction old[NR_SIGNALS];
	enum update_end end;
	int loading;

	loading = sysfs_open(update->sysfs, SYSFS_UPLOAD "/loading", O_RDWR);
	if (loading < 0)
		return end_of_error(update, loading);
	/* A kernel without file locks has to do without. */
	if (flock(loading, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK) {
		close(loading);
		return UPDATE_BUSY;
	}

	catch_signals(old);
	end = run_locked(update, loading, blob, size);
	release_signals(old);
	close(loading);
	return end;
}
