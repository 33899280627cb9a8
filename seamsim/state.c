// SPDX-License-Identifier: GPL-2.0-only
/* The state of the machine as a JSON object. */
#include <json-c/json.h>
#include <stdio.h>

#include "fault.h"
#include "module.h"
#include "options.h"
#include "platform.h"
#include "td.h"
#include "window.h"

/* "65535.65535.65535" */
#define VERSION_SIZE	sizeof("65535.65535.65535")

static void add_string(struct json_object *object, const char *key, const char *value)
{
	json_object_object_add(object, key, json_object_new_string(value));
}

static void add_number(struct json_object *object, const char *key, u64 value)
{
	json_object_object_add(object, key, json_object_new_uint64(value));
}

static void add_bool(struct json_object *object, const char *key, bool value)
{
	json_object_object_add(object, key, json_object_new_boolean(value));
}

static void add_hex(struct json_object *object, const char *key, u64 value)
{
	char text[sizeof("0x") + 2 * sizeof(value)];

	snprintf(text, sizeof(text), "0x%llx", (unsigned long long)value);
	add_string(object, key, text);
}

static void add_version(struct json_object *object, const char *key,
			const struct sim_version *version)
{
	char text[VERSION_SIZE];

	snprintf(text, sizeof(text), "%u.%u.%02u", version->major, version->minor,
		 version->update);
	add_string(object, key, text);
}

static void add_svn(struct json_object *object, const char *key, u16 svn)
{
	char text[VERSION_SIZE];

	snprintf(text, sizeof(text), "%u.%u", SVN_MAJOR(svn), SVN_MINOR(svn));
	add_string(object, key, text);
}

static void add_bytes(struct json_object *object, const char *key, const u8 *bytes, size_t size)
{
	char text[2 * SHA384_SIZE + 1] = "";

	for (size_t i = 0; i < size && i < SHA384_SIZE; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	add_string(object, key, text);
}

static struct json_object *times_json(const struct update_times *times)
{
	struct json_object *object = json_object_new_object();

	add_number(object, "shutdown", times->shutdown);
	add_number(object, "install_first", times->install_first);
	add_number(object, "install_last", times->install_last);
	add_number(object, "sys_init", times->sys_init);
	add_number(object, "lp_init_last", times->lp_init_last);
	add_number(object, "update", times->update);
	return object;
}

static struct json_object *handoff_json(const struct module *module)
{
	struct json_object *object = json_object_new_object();

	add_bool(object, "valid", module->handoff_valid);
	add_number(object, "version", module->handoff_version);
	add_number(object, "pages", module->handoff_pages);
	return object;
}

static struct json_object *module_json(const struct module *module)
{
	struct json_object *object = json_object_new_object();
	const struct module_identity *id = &module->id;

	add_string(object, "state", module_state_name(module->state));
	if (module->state == MODULE_DISABLED)
		add_string(object, "state_before_disable",
			   module_state_name(module->state_before_disable));
	add_version(object, "version", &id->version);
	add_svn(object, "svn", id->seamsvn);
	add_number(object, "module_hv", id->module_hv);
	add_number(object, "min_update_hv", id->min_update_hv);
	add_bool(object, "no_downgrade", id->no_downgrade);
	add_number(object, "num_handoff_pages", id->num_handoff_pages);
	add_hex(object, "features0", module->features0);
	add_bytes(object, "mrseam", id->mrseam, sizeof(id->mrseam));
	json_object_object_add(object, "handoff", handoff_json(module));
	add_number(object, "tdmrs", module->nr_tdmrs);
	add_number(object, "updates", module->nr_updates);
	json_object_object_add(object, "times", times_json(&module->times));
	return object;
}

static struct json_object *seamldr_json(const struct seamldr *seamldr)
{
	struct json_object *object = json_object_new_object();

	add_version(object, "version", &seamldr->version);
	add_bool(object, "seam_ready", seamldr->seam_ready);
	add_number(object, "remaining_updates", seamldr->num_remaining_updates);
	add_number(object, "called", seamldr->nr_called);
	add_number(object, "sessions", seamldr->nr_sessions);
	add_number(object, "installed", seamldr->nr_installed);
	return object;
}

static struct json_object *vcpu_json(const struct sim *sim, unsigned int i)
{
	const struct vmx_vcpu *vmx = &sim->vcpu[i].vmx;
	struct json_object *object = json_object_new_object();

	add_hex(object, "cpuid", platform_cpuid_signature(sim, i));
	add_bool(object, "vmx", vmx->on);
	if (vmx->current_vmcs == VMCS_NONE)
		json_object_object_add(object, "vmcs", NULL);
	else
		add_hex(object, "vmcs", vmx->current_vmcs);
	add_number(object, "vmcs_lost", vmx->vmcs_lost);
	add_bool(object, "lp_init", sim->module.lp_init[i]);
	add_bool(object, "in_session", sim->seamldr.called[i]);
	return object;
}

static struct json_object *vcpus_json(const struct sim *sim)
{
	struct json_object *array = json_object_new_array();

	for (unsigned int i = 0; i < sim->nr_vcpus; i++)
		json_object_array_add(array, vcpu_json(sim, i));
	return array;
}

/* By leaf: how often called, and how often not answered by success. */
static struct json_object *calls_json(const struct sim *sim)
{
	struct json_object *object = json_object_new_object(), *leaf;

	for (unsigned int i = 0; i < NR_LEAVES; i++) {
		if (!sim->nr_calls[i])
			continue;
		leaf = json_object_new_object();
		add_number(leaf, "calls", sim->nr_calls[i]);
		add_number(leaf, "failed", sim->nr_failed[i]);
		json_object_object_add(object, leaf_name(i), leaf);
	}
	return object;
}

static struct json_object *state_json_locked(const struct sim *sim)
{
	struct json_object *object = json_object_new_object();

	add_number(object, "ns", log_now());
	json_object_object_add(object, "module", module_json(&sim->module));
	json_object_object_add(object, "seamldr", seamldr_json(&sim->seamldr));
	json_object_object_add(object, "window", window_json(sim->window));
	add_bool(object, "erratum", sim->config.erratum);
	json_object_object_add(object, "vcpus", vcpus_json(sim));
	json_object_object_add(object, "calls", calls_json(sim));
	json_object_object_add(object, "faults", fault_state_json(sim));
	json_object_object_add(object, "checks_off", options_checks_off_json(sim));
	json_object_object_add(object, "tds", td_state_json(sim));
	return object;
}

struct json_object *sim_state_json(struct sim *sim)
{
	struct json_object *object;

	pthread_mutex_lock(&sim->lock);
	object = state_json_locked(sim);
	pthread_mutex_unlock(&sim->lock);
	return object;
}
