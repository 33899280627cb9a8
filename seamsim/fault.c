// SPDX-License-Identifier: GPL-2.0-only
/* Injected faults: see fault.h. */
#include "fault.h"

#include <errno.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "leaf.h"
#include "parse.h"
#include "seamsim.h"

enum fault_who {
	WHO_ANY,
	WHO_VCPU,
	/* Of SEAMLDR.INSTALL's session, whichever LPs that are. */
	WHO_FIRST,
	WHO_LAST,
};

struct fault {
	struct fault *next;
	char *text;
	unsigned int leaf;
	enum fault_who who;
	unsigned int vcpu;
	/* Struck are the matching calls from..to, counted from 1. */
	u64 from;
	u64 to;
	u64 nr_seen;
	u64 nr_struck;
	struct fault_effect effect;
};

static bool parse_who(struct fault *fault, const char *text)
{
	u64 vcpu;

	if (!strcmp(text, "any")) {
		fault->who = WHO_ANY;
	} else if (!strcmp(text, "first")) {
		fault->who = WHO_FIRST;
	} else if (!strcmp(text, "last")) {
		fault->who = WHO_LAST;
	} else if (parse_u64(text, SIM_MAX_VCPUS - 1, &vcpu)) {
		fault->who = WHO_VCPU;
		fault->vcpu = vcpu;
	} else {
		return false;
	}
	return true;
}

/* "3": that call; "3+": it and all later ones; "3-5": a range. */
static bool parse_nth(struct fault *fault, char *text)
{
	size_t length = strlen(text);
	char *dash = strchr(text, '-');

	if (dash) {
		*dash = '\0';
		if (!parse_u64(dash + 1, ULLONG_MAX, &fault->to))
			return false;
	} else if (length && text[length - 1] == '+') {
		text[length - 1] = '\0';
		fault->to = ULLONG_MAX;
	}

	if (!parse_u64(text, ULLONG_MAX, &fault->from) || !fault->from)
		return false;
	if (!fault->to)
		fault->to = fault->from;
	return fault->from <= fault->to;
}

/* Returns NULL, or what is wrong. */
static const char *parse_fault(struct fault *fault, char *text)
{
	char *fields = text, *field;

	field = strsep(&fields, ":");
	fault->leaf = leaf_by_name(field);
	if (fault->leaf == LEAF_UNKNOWN)
		return "no such leaf";

	field = strsep(&fields, ":");
	if (!field || !parse_who(fault, field))
		return "CPU is a number, any, first or last";
	if ((fault->who == WHO_FIRST || fault->who == WHO_LAST) &&
	    fault->leaf != SEAMLDR_INSTALL)
		return "only SEAMLDR.INSTALL has a first and a last CPU";

	field = strsep(&fields, ":");
	if (!field || !parse_nth(fault, field))
		return "NTH is N, N+ or N-M, from 1";

	field = strsep(&fields, ":");
	if (!field || !parse_hex64(field, &fault->effect.status))
		return "STATUS is a hexadecimal number";

	field = strsep(&fields, ":");
	if (field && strcmp(field, "cf")) {
		if (!parse_u64(field, ULLONG_MAX, &fault->effect.rdx))
			return "RDX is a number";
		field = strsep(&fields, ":");
	}
	if (field) {
		if (strcmp(field, "cf"))
			return "what may follow RDX is cf";
		fault->effect.vmfail_invalid = true;
	}
	return fields ? "too many fields" : NULL;
}

static void fault_free(struct fault *fault)
{
	if (!fault)
		return;
	free(fault->text);
	free(fault);
}

int fault_add(struct sim *sim, const char *text, char *err, size_t err_size)
{
	struct fault **end = &sim->faults;
	const char *reason = "no memory";
	struct fault *fault;
	char *copy;

	fault = calloc(1, sizeof(*fault));
	copy = strdup(text);
	if (fault && copy) {
		fault->text = strdup(text);
		reason = parse_fault(fault, copy);
	}
	free(copy);

	if (reason || !fault->text) {
		snprintf(err, err_size, "fault=%s: %s", text, reason ?: "no memory");
		fault_free(fault);
		return -EINVAL;
	}

	while (*end)
		end = &(*end)->next;
	*end = fault;
	return 0;
}

void fault_clear(struct sim *sim)
{
	struct fault *fault;

	while ((fault = sim->faults)) {
		sim->faults = fault->next;
		fault_free(fault);
	}
}

static bool matches(const struct fault *fault, unsigned int leaf_index,
		    unsigned int vcpu, struct fault_position position)
{
	if (fault->leaf != leaf_index)
		return false;

	switch (fault->who) {
	case WHO_VCPU:
		return fault->vcpu == vcpu;
	case WHO_FIRST:
		return position.first;
	case WHO_LAST:
		return position.last;
	default:
		return true;
	}
}

bool fault_strikes(struct sim *sim, unsigned int leaf_index, unsigned int vcpu,
		   struct fault_position position, struct fault_effect *effect)
{
	struct fault *fault;
	bool struck = false;

	for (fault = sim->faults; fault; fault = fault->next) {
		if (!matches(fault, leaf_index, vcpu, position))
			continue;
		fault->nr_seen++;
		if (struck || fault->nr_seen < fault->from || fault->nr_seen > fault->to)
			continue;
		fault->nr_struck++;
		*effect = fault->effect;
		struck = true;
	}
	return struck;
}

struct json_object *fault_state_json(const struct sim *sim)
{
	struct json_object *array = json_object_new_array(), *object;
	const struct fault *fault;

	for (fault = sim->faults; fault; fault = fault->next) {
		object = json_object_new_object();
		json_object_object_add(object, "fault", json_object_new_string(fault->text));
		json_object_object_add(object, "seen", json_object_new_uint64(fault->nr_seen));
		json_object_object_add(object, "struck",
				       json_object_new_uint64(fault->nr_struck));
		json_object_array_add(array, object);
	}
	return array;
}
