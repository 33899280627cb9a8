/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A second opinion on images, written from the specifications alone: byte offsets
 * instead of structures, all broken rules instead of the first one.  It shares
 * nothing with the kernel but the names of the reasons.
 */
#ifndef ORACLE_H
#define ORACLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ORACLE_MAX_SOCKETS	4
#define ORACLE_PAGE		4096
#define ORACLE_MAX_PAGES	496

/* A set of reasons; bit numbers are those of enum seamldr_reason. */
typedef uint64_t reasons;

/* What an image is held against. */
struct platform {
	/* of the P-SEAMLDR */
	bool has_seamldr;
	bool debug_platform;
	uint32_t updates_left;

	/* of the module that runs, or ran until it was shut down */
	bool ready;
	bool shutdown;
	bool answers;
	bool preserves_tds;
	uint8_t svn_minor;
	uint8_t svn_major;
	uint16_t module_hv;
	uint16_t min_update_hv;
	bool no_downgrade;
	/* written when it was shut down */
	uint16_t written_hv;

	/* of the machine */
	unsigned int nr_sockets;
	uint32_t cpuid[ORACLE_MAX_SOCKETS];
	bool cpu_offline;
	bool td_builds;
};

struct opinion {
	/* What is wrong with the file, or else with its sigstruct. */
	reasons file;
	reasons sigstruct;
	/* What the platform has against it; valid if nothing else is wrong. */
	reasons platform;
	/* Valid if nothing is wrong with the file. */
	size_t sigstruct_offset;
	size_t sigstruct_pages;
	size_t module_offset;
	size_t module_pages;
	/* Valid if nothing is wrong at all. */
	uint16_t handoff_version;
};

void oracle_file(const uint8_t *image, size_t size, struct opinion *opinion);
void oracle_platform(const uint8_t *image, const struct platform *platform,
		     struct opinion *opinion);
void oracle_params(const struct opinion *opinion, uint64_t image_pa, uint8_t params[ORACLE_PAGE]);

#endif /* ORACLE_H */
