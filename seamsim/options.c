// SPDX-License-Identifier: GPL-2.0-only
/* Options: see options.h. */
#include "options.h"

#include <errno.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fault.h"
#include "parse.h"
#include "seamsim.h"
#include "td.h"

#define DEFAULT_CPUID		0x806f8
/* As -cpu max has it; the KeyID of a physical address lies above. */
#define DEFAULT_PHYS_BITS	40
#define DEFAULT_UPDATES		16
#define DEFAULT_FEATURES0	(TDX_FEATURES0_TD_PRESERVING | TDX_FEATURES0_NO_RBP_MOD | \
				 TDX_FEATURES0_TOPOLOGY_ENUM)
#define DEFAULT_SVN		0x0105
/* Less than a second, so that a typing error does not look like a hang. */
#define MAX_LATENCY_NS		999999999ULL

static const char *const check_names[NR_CHECKS] = {
#define CHECK_NAME(id, text)	[CHECK_##id] = text,
	CORE_CHECKS(CHECK_NAME)
	TD_CHECKS(CHECK_NAME)
#undef CHECK_NAME
};

/* SHA-384 of the modulus that Intel signs production modules with. */
static const char production_signer[] =
	"c8572f548869a0beca19376b81c2dffc2a23b5a5f71da0b8"
	"7579b43f408daa1a33bad9c149eb56c634f883737968a34c";

static bool set_svn(struct sim *sim, const char *value)
{
	u64 major, minor;
	char *copy = strdup(value), *rest = copy, *part;
	bool good;

	part = strsep(&rest, ".");
	good = part && rest && parse_u64(part, UINT8_MAX, &major) &&
	       parse_u64(rest, UINT8_MAX, &minor);
	free(copy);
	if (good)
		sim->module.id.seamsvn = major << 8 | minor;
	return good;
}

static bool set_cpuid(struct sim *sim, const char *value)
{
	struct sim_config *config = &sim->config;
	char *copy = strdup(value), *rest = copy, *part;
	u32 list[SIM_MAX_VCPUS];
	unsigned int nr = 0;
	u64 signature;

	while (copy && (part = strsep(&rest, ":"))) {
		if (nr == ARRAY_SIZE(list) || !parse_u64(part, UINT32_MAX, &signature)) {
			nr = 0;
			break;
		}
		list[nr++] = signature;
	}
	free(copy);
	if (!nr)
		return false;

	memcpy(config->cpuid, list, nr * sizeof(list[0]));
	config->nr_cpuid = nr;
	return true;
}

static bool set_signer(struct sim *sim, const char *value)
{
	struct sim_config *config = &sim->config;

	if (config->nr_signers == SIM_MAX_SIGNERS ||
	    !parse_bytes(value, config->signers[config->nr_signers], SHA384_SIZE))
		return false;
	config->nr_signers++;
	return true;
}

static bool set_packages(struct sim *sim, const char *value)
{
	u64 nr;

	if (!parse_u64(value, sim->nr_vcpus, &nr) || !nr)
		return false;
	sim->config.nr_packages = nr;
	return true;
}

/* LEAF:NSEC, or clear. */
static bool set_latency(struct sim *sim, const char *value)
{
	unsigned int leaf = LEAF_UNKNOWN;
	char *copy, *nsec;
	u64 latency;
	bool good;

	if (!strcmp(value, "clear")) {
		memset(sim->config.latency_ns, 0, sizeof(sim->config.latency_ns));
		return true;
	}

	copy = strdup(value);
	nsec = copy;
	if (strsep(&nsec, ":") && nsec)
		leaf = leaf_by_name(copy);
	good = leaf != LEAF_UNKNOWN && parse_u64(nsec, MAX_LATENCY_NS, &latency);
	free(copy);
	if (good)
		sim->config.latency_ns[leaf] = latency;
	return good;
}

static bool set_check(struct sim *sim, const char *name, bool off)
{
	for (unsigned int i = 0; i < NR_CHECKS; i++) {
		if (!strcmp(check_names[i], name)) {
			sim->config.checks_off[i] = off;
			return true;
		}
	}
	return false;
}

static bool set_check_off(struct sim *sim, const char *value)
{
	return set_check(sim, value, true);
}

static bool set_check_on(struct sim *sim, const char *value)
{
	if (strcmp(value, "all"))
		return set_check(sim, value, false);
	memset(sim->config.checks_off, 0, sizeof(sim->config.checks_off));
	return true;
}

static bool set_log(struct sim *sim, const char *value)
{
	return !log_open(&sim->log, value);
}

static bool do_reset(struct sim *sim, const char *value)
{
	if (strcmp(value, "counters"))
		return false;

	memset(sim->nr_calls, 0, sizeof(sim->nr_calls));
	memset(sim->nr_failed, 0, sizeof(sim->nr_failed));
	sim->seamldr.nr_sessions = 0;
	sim->seamldr.nr_installed = 0;
	sim->module.nr_updates = 0;
	for (unsigned int i = 0; i < sim->nr_vcpus; i++)
		sim->vcpu[i].vmx.vmcs_lost = 0;
	return true;
}

enum option_kind {
	OPTION_BOOL,
	OPTION_U16,
	OPTION_UINT,
	OPTION_U64,
	OPTION_VERSION,
	OPTION_FUNCTION,
};

struct option {
	const char *key;
	enum option_kind kind;
	size_t offset;
	bool (*set)(struct sim *sim, const char *value);
};

#define FIELD(key, kind, field)	{ key, kind, offsetof(struct sim, field), NULL }
#define FUNCTION(key, set)	{ key, OPTION_FUNCTION, 0, set }

static const struct option options[] = {
	FUNCTION("log", set_log),

	/* The module that runs. */
	FIELD("module", OPTION_VERSION, module.id.version),
	FUNCTION("svn", set_svn),
	FIELD("module_hv", OPTION_U16, module.id.module_hv),
	FIELD("min_update_hv", OPTION_U16, module.id.min_update_hv),
	FIELD("no_downgrade", OPTION_BOOL, module.id.no_downgrade),
	FIELD("handoff_pages", OPTION_U16, module.id.num_handoff_pages),
	FIELD("features0", OPTION_U64, module.features0),

	/* The module that is installed next. */
	FIELD("image_version", OPTION_VERSION, config.image_version),
	FIELD("image_features0", OPTION_U64, config.image_features0),
	FIELD("handoff_data_pages", OPTION_U16, config.handoff_data_pages),
	FIELD("build_erratum", OPTION_BOOL, config.build_erratum),

	/* The P-SEAMLDR. */
	FIELD("seamldr", OPTION_VERSION, seamldr.version),
	FIELD("seamldr_features", OPTION_U64, seamldr.features0),
	FIELD("updates", OPTION_UINT, seamldr.num_remaining_updates),
	FIELD("seam_pages", OPTION_UINT, config.seam_pages),
	FUNCTION("signer", set_signer),

	/* The platform. */
	FIELD("erratum", OPTION_BOOL, config.erratum),
	FIELD("debug_platform", OPTION_BOOL, config.debug_platform),
	FIELD("phys_bits", OPTION_UINT, config.phys_bits),
	FUNCTION("packages", set_packages),
	FUNCTION("cpuid", set_cpuid),

	/* Measurement. */
	FIELD("count_insns", OPTION_BOOL, config.count_insns),
	FIELD("time_irqs_off", OPTION_BOOL, config.time_irqs_off),

	/* Disturbances. */
	FUNCTION("latency", set_latency),
	FUNCTION("check_off", set_check_off),
	FUNCTION("check_on", set_check_on),
	FUNCTION("reset", do_reset),
};

static bool set_field(void *field, enum option_kind kind, const char *value)
{
	bool good;
	u64 number;

	switch (kind) {
	case OPTION_BOOL:
		return parse_bool(value, field);
	case OPTION_U16:
		good = parse_u64(value, UINT16_MAX, &number);
		if (good)
			*(u16 *)field = number;
		return good;
	case OPTION_UINT:
		good = parse_u64(value, UINT_MAX, &number);
		if (good)
			*(unsigned int *)field = number;
		return good;
	case OPTION_U64:
		return parse_u64(value, ULLONG_MAX, field);
	case OPTION_VERSION:
		return parse_version(value, field);
	default:
		return false;
	}
}

static const struct option *find_option(const char *key, size_t length)
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		if (strlen(options[i].key) == length && !memcmp(options[i].key, key, length))
			return &options[i];
	}
	return NULL;
}

static int set_fault(struct sim *sim, const char *value, char *err, size_t err_size)
{
	if (strcmp(value, "clear"))
		return fault_add(sim, value, err, err_size);
	fault_clear(sim);
	return 0;
}

static int td_or_unknown(struct sim *sim, const char *text, size_t key_length,
			 char *err, size_t err_size)
{
	char *key = strndup(text, key_length);
	int ret = -ENOENT;

	if (key)
		ret = td_option(sim, key, text + key_length + 1, err, err_size);
	free(key);
	if (ret == -ENOENT)
		snprintf(err, err_size, "%s: unknown option", text);
	return ret ? -EINVAL : 0;
}

static int option_locked(struct sim *sim, const char *text, char *err, size_t err_size)
{
	size_t key_length = strcspn(text, "=");
	const char *value = text + key_length + 1;
	const struct option *option;
	bool good;

	if (!text[key_length]) {
		snprintf(err, err_size, "%s: no value", text);
		return -EINVAL;
	}
	if (key_length == strlen("fault") && !memcmp(text, "fault", key_length))
		return set_fault(sim, value, err, err_size);

	option = find_option(text, key_length);
	if (!option)
		return td_or_unknown(sim, text, key_length, err, err_size);

	if (option->kind == OPTION_FUNCTION)
		good = option->set(sim, value);
	else
		good = set_field((char *)sim + option->offset, option->kind, value);
	if (good)
		return 0;
	snprintf(err, err_size, "%s: bad value", text);
	return -EINVAL;
}

int sim_option(struct sim *sim, const char *text, char *err, size_t err_size)
{
	int ret;

	pthread_mutex_lock(&sim->lock);
	ret = option_locked(sim, text, err, err_size);
	pthread_mutex_unlock(&sim->lock);
	return ret;
}

void options_default(struct sim *sim)
{
	sim->config = (struct sim_config){
		.nr_packages = 1,
		.phys_bits = DEFAULT_PHYS_BITS,
		.seam_pages = SEAMLDR_MAX_MODULE_PAGES,
		.cpuid = { DEFAULT_CPUID },
		.nr_cpuid = 1,
	};
	set_signer(sim, production_signer);

	sim->module.state = MODULE_LOADED;
	sim->module.features0 = DEFAULT_FEATURES0;
	sim->module.id = (struct module_identity){
		.version = { .major = 1, .minor = 5, .update = 6 },
		.seamsvn = DEFAULT_SVN,
	};

	sim->seamldr.version = (struct sim_version){ .major = 1, .minor = 5 };
	sim->seamldr.num_remaining_updates = DEFAULT_UPDATES;
	sim->seamldr.seam_ready = true;
}

struct json_object *options_checks_off_json(const struct sim *sim)
{
	struct json_object *array = json_object_new_array();

	for (unsigned int i = 0; i < NR_CHECKS; i++) {
		if (sim->config.checks_off[i])
			json_object_array_add(array, json_object_new_string(check_names[i]));
	}
	return array;
}
