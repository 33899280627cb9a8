// SPDX-License-Identifier: GPL-2.0-only
/* The control leaf: see control.h. */
#include "control.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "seamsim.h"

#define MAX_REASON	256

u32 control_options(struct sim *sim, char *text, size_t size)
{
	char *copy = strndup(text, size), *rest = copy, *line;
	char reason[MAX_REASON] = "no memory";
	u32 result = copy ? CONTROL_OK : CONTROL_FAILED;

	while (result == CONTROL_OK && (line = strsep(&rest, "\n"))) {
		if (*line && sim_option(sim, line, reason, sizeof(reason)))
			result = CONTROL_FAILED;
	}
	free(copy);

	if (result != CONTROL_OK && size)
		snprintf(text, size, "%s", reason);
	return result;
}

u32 control_state(struct sim *sim, char *to, size_t size)
{
	struct json_object *state = sim_state_json(sim);
	const char *text = json_object_to_json_string_ext(state, JSON_C_TO_STRING_PLAIN);
	size_t length = strlen(text);
	u32 result = CONTROL_TOO_SMALL;

	/* The NUL comes along, so that the buffer is a string. */
	if (length < size) {
		memcpy(to, text, length + 1);
		result = length;
	}
	json_object_put(state);
	return result;
}
