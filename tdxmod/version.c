// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reading, printing and comparing versions.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "version.h"

static bool version_part(const char **text, char end, unsigned long max,
			 unsigned long *part)
{
	char *stop;

	if (!isdigit((unsigned char)**text))
		return false;

	errno = 0;
	*part = strtoul(*text, &stop, 10);
	if (errno || *part > max || *stop != end)
		return false;

	*text = end ? stop + 1 : stop;
	return true;
}

bool version_parse(const char *text, struct version *version)
{
	unsigned long major, minor, update;

	if (!version_part(&text, '.', UINT8_MAX, &major) ||
	    !version_part(&text, '.', UINT8_MAX, &minor) ||
	    !version_part(&text, '\0', UINT16_MAX, &update))
		return false;

	version->major = major;
	version->minor = minor;
	version->update = update;
	return true;
}

void version_format(struct version version, char text[VERSION_TEXT_SIZE])
{
	snprintf(text, VERSION_TEXT_SIZE, "%u.%u.%02u", version.major, version.minor,
		 version.update);
}

static int compare(unsigned int a, unsigned int b)
{
	return (a > b) - (a < b);
}

int version_compare(struct version a, struct version b)
{
	if (a.major != b.major)
		return compare(a.major, b.major);
	if (a.minor != b.minor)
		return compare(a.minor, b.minor);
	return compare(a.update, b.update);
}
