// SPDX-License-Identifier: GPL-2.0-only
/* Parsing of option values: see parse.h. */
#include "parse.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "seamsim.h"

static bool parse_base(const char *text, int base, u64 max, u64 *value)
{
	char *end;

	/* strtoull() itself would take a sign and leading blanks. */
	if (!isxdigit((unsigned char)text[0]))
		return false;
	errno = 0;
	*value = strtoull(text, &end, base);
	return !errno && !*end && *value <= max;
}

static bool is_hex(const char *text)
{
	return text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
}

bool parse_u64(const char *text, u64 max, u64 *value)
{
	/* Never octal: the 08 of a version is a decimal 8. */
	return parse_base(text, is_hex(text) ? 16 : 10, max, value);
}

bool parse_hex64(const char *text, u64 *value)
{
	return parse_base(text, 16, ~0ULL, value);
}

bool parse_bool(const char *text, bool *value)
{
	bool on = !strcmp(text, "1") || !strcmp(text, "on");

	*value = on;
	return on || !strcmp(text, "0") || !strcmp(text, "off");
}

bool parse_version(const char *text, struct sim_version *version)
{
	u64 parts[3];
	char *copy = strdup(text), *rest = copy, *part;
	unsigned int nr = 0;

	while (nr < ARRAY_SIZE(parts) && (part = strsep(&rest, ".")) &&
	       parse_u64(part, UINT16_MAX, &parts[nr]))
		nr++;
	/* Three good ones, and nothing behind. */
	if (nr < ARRAY_SIZE(parts) || rest)
		nr = 0;
	free(copy);
	if (!nr)
		return false;

	*version = (struct sim_version){
		.major = parts[0],
		.minor = parts[1],
		.update = parts[2],
	};
	return true;
}

bool parse_bytes(const char *text, u8 *bytes, size_t size)
{
	char digits[3] = "";
	u64 value;

	if (strlen(text) != 2 * size)
		return false;

	for (size_t i = 0; i < size; i++) {
		memcpy(digits, text + 2 * i, 2);
		if (is_hex(digits) || !parse_hex64(digits, &value))
			return false;
		bytes[i] = value;
	}
	return true;
}
