/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Versions of TDX modules and P-SEAMLDRs: major.minor.update, the update
 * printed with two digits, as the kernel and Intel's list of releases do.
 */
#ifndef TDXMOD_VERSION_H
#define TDXMOD_VERSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VERSION_TEXT_SIZE	sizeof("255.255.65535")

struct version {
	uint8_t major;
	uint8_t minor;
	uint16_t update;
};

bool version_parse(const char *text, struct version *version);
void version_format(struct version version, char text[VERSION_TEXT_SIZE]);
int version_compare(struct version a, struct version b);

#endif
