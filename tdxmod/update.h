/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Handing an image to the kernel and waiting for the end.  What the image is
 * and whether it should be installed is decided before.
 */
#ifndef TDXMOD_UPDATE_H
#define TDXMOD_UPDATE_H

#include <stdbool.h>
#include <stddef.h>

#include "sysfs.h"

enum update_end {
	/* The device has come to an end; its attribute "error" tells which. */
	UPDATE_ENDED,
	/* The rest ends before the device had the whole image: nothing changed. */
	UPDATE_NO_DEVICE,
	UPDATE_NOT_ALLOWED,
	UPDATE_BUSY,
	UPDATE_INTERRUPTED,
	UPDATE_WRITE_FAILED,
	/* The device goes on without us. */
	UPDATE_TIMEOUT,
	UPDATE_LEFT_ALONE,
};

struct update {
	const char *sysfs;
	unsigned int timeout_seconds;
	/* Called at each change of the device's status; may be NULL. */
	void (*progress)(const char *status);
	/* Called when the remains of an interrupted upload are thrown away. */
	void (*recovering)(void);
	/* Called when a signal makes it ask the kernel to cancel. */
	void (*cancelling)(void);

	/* Out: errno of what failed, if one of the files did */
	int error;
	double seconds;
};

enum update_end update_run(struct update *update, const void *blob, size_t size);

#endif
