/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The update interface in sysfs, and what else an update depends on: CPUs that are
 * online. Functions return 0 or a negative errno.
 */
#ifndef TD_UPLOAD_H
#define TD_UPLOAD_H

#include <stdbool.h>
#include <stddef.h>

#define UPLOAD_DIR	"/sys/class/firmware/tdx_module/"
#define HOST_DIR	"/sys/devices/faux/tdx_host/"
#define TEXT_SIZE	128

struct image {
	char *bytes;
	size_t size;
};

/* The first line, without its end; "" if it cannot be read. */
int read_text(const char *path, char text[TEXT_SIZE]);

int image_load(const char *path, struct image *image);
void image_free(struct image *image);

int upload_begin(const struct image *image);
/* Until the status is this one, or idle. */
int upload_wait(const char *status);
/* Until it is over; @error is what the device says of it, "" if the image was installed. */
int upload_end(char error[TEXT_SIZE]);
int upload(const struct image *image, char error[TEXT_SIZE]);

int cpu_set_online(unsigned int cpu, bool online);

#endif
