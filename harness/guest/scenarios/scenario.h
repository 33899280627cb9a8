/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bad images and bad moments: what is done to the host, and what must come of it.
 *
 * The table is data; how a row is carried out and judged is in scenarios.c.
 */
#ifndef SCENARIO_H
#define SCENARIO_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "td_vmm.h"
#include "td_upload.h"

/* What an upload leaves behind. */
enum outcome {
	REFUSED,	/* nothing was called that changes anything */
	INSTALLED,	/* the new module runs */
	ROLLED_BACK,	/* the module of before runs again */
	FROZEN,		/* none runs, TDs wait for another upload */
	LOST,		/* none runs until the next boot */
};

/* The host on which rows are carried out, one after the other. */
struct world {
	/* The on-disk format of images. */
	unsigned int format;
	/* Installed before a row and after it; and what a row installs unless it says more. */
	struct image good;
	struct image newer;
	/* Runs through everything. */
	struct td *td;
	/* Begun and not finished, if a row wants that. */
	struct td *unfinished_td;
	/* What goes on beside has to end. */
	atomic_bool over;
};

/* What happens around an upload; each may be NULL, and returns 0 or a negative errno. */
struct moment {
	int (*before)(struct world *world);
	/* While the upload's status is this one. */
	const char *status;
	int (*during)(struct world *world);
	int (*after)(struct world *world);
};

struct scenario {
	const char *name;
	/* Options of the emulated host, separated by spaces. */
	const char *host;
	/* Options of 'tdxmod sign' that make the image; NULL: the newer one. */
	const char *image;
	/* The file is cut or filled up to this size; 0: left alone. */
	size_t size;
	const struct moment *moment;

	/* What the upload device says; "" is success. */
	const char *error;
	/* The word in last_error. */
	const char *reason;
	enum outcome outcome;
	/* INSTALL sessions that are opened. */
	unsigned int sessions;
	/* Only images of this format can be wrong like that; 0: both. */
	unsigned int format;
};

/* Rows that may share a boot. */
struct group {
	const char *name;
	const struct scenario *scenarios;
	size_t nr;
	/* A good image is installed before the first row, so there is one to roll back to. */
	bool kept;
	/* A good image is installed after each row: the next begins in state ready. */
	bool recover;
	/* Each row needs a boot of its own. */
	bool alone;
};

extern const struct group groups[];
extern const size_t nr_groups;

/* Remove tdx-host and load it again. */
int driver_reload(void);
int make_image(struct world *world, const char *options, struct image *image);

/*
 * Not rows: random bytes and sizes, in the world's format; a CPU, or the driver, that comes and
 * goes at any moment. Whether all went well.
 */
bool damage_bytes(struct world *world);
bool damage_sizes(struct world *world);
bool race_hotplug(struct world *world);
bool race_reload(struct world *world);

#endif
