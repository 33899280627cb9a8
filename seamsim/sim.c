// SPDX-License-Identifier: GPL-2.0-only
/* The machine as a whole: its making, and the way of a SEAMCALL through it. */
#include "seamsim.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "fault.h"
#include "module.h"
#include "options.h"
#include "seamldr.h"
#include "td.h"
#include "window.h"

struct sim *sim_new(unsigned int nr_vcpus, const struct sim_memory *memory)
{
	struct sim *sim;

	if (!nr_vcpus || nr_vcpus > SIM_MAX_VCPUS)
		return NULL;
	sim = calloc(1, sizeof(*sim));
	if (!sim)
		return NULL;

	sim->nr_vcpus = nr_vcpus;
	sim->memory = *memory;
	pthread_mutex_init(&sim->lock, NULL);
	pthread_mutex_init(&sim->log.lock, NULL);
	options_default(sim);

	sim->window = window_new(nr_vcpus);
	if (!sim->window)
		goto err_free;
	if (vmx_init(sim))
		goto err_window;
	if (td_init(sim))
		goto err_vmx;
	return sim;

err_vmx:
	vmx_free(sim);
err_window:
	window_free(sim->window);
err_free:
	free(sim);
	return NULL;
}

void sim_free(struct sim *sim)
{
	log_open(&sim->log, NULL);
	fault_clear(sim);
	td_free(sim);
	vmx_free(sim);
	window_free(sim->window);
	pthread_mutex_destroy(&sim->log.lock);
	pthread_mutex_destroy(&sim->lock);
	free(sim);
}

static void add_hex(struct json_object *object, const char *key, u64 value)
{
	char text[sizeof("0x") + 2 * sizeof(value)];

	snprintf(text, sizeof(text), "0x%llx", (unsigned long long)value);
	json_object_object_add(object, key, json_object_new_string(text));
}

/* What the leaves take, and what they give back beside RAX. */
static struct json_object *regs_json(const struct sim_regs *regs)
{
	struct json_object *object = json_object_new_object();

	add_hex(object, "rcx", regs->rcx);
	add_hex(object, "rdx", regs->rdx);
	add_hex(object, "r8", regs->r8);
	add_hex(object, "r9", regs->r9);
	return object;
}

static void log_call(struct sim *sim, unsigned int vcpu, enum seamcall_result result,
		     const struct sim_regs *before, const struct sim_regs *after, u64 started)
{
	struct json_object *details;

	if (!log_is_open(&sim->log))
		return;

	details = json_object_new_object();
	json_object_object_add(details, "leaf",
			       json_object_new_string(leaf_name(leaf_index(before->rax))));
	add_hex(details, "rax", before->rax);
	json_object_object_add(details, "in", regs_json(before));
	switch (result) {
	case SEAMCALL_DONE:
		add_hex(details, "status", after->rax);
		json_object_object_add(details, "out", regs_json(after));
		break;
	case SEAMCALL_VMFAIL_INVALID:
		json_object_object_add(details, "status",
				       json_object_new_string("VMfailInvalid"));
		break;
	case SEAMCALL_UD:
		json_object_object_add(details, "status", json_object_new_string("#UD"));
		break;
	}
	json_object_object_add(details, "took", json_object_new_uint64(log_now() - started));
	log_event(&sim->log, vcpu, "seamcall", details);
}

static void count_call(struct sim *sim, unsigned int leaf, enum seamcall_result result,
		       u64 status)
{
	sim->nr_calls[leaf]++;
	if (result != SEAMCALL_DONE || status)
		sim->nr_failed[leaf]++;
}

/* The caller is still inside meanwhile, as it is in a leaf that takes its time. */
static void sleep_ns(u64 ns)
{
	struct timespec left = { .tv_nsec = ns };

	while (ns && clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR)
		;
}

/* Returns whether the caller got in; another one is inside otherwise. */
static bool enter_seamldr(struct sim *sim)
{
	return !atomic_exchange(&sim->seamldr.occupied, true);
}

static enum seamcall_result call_seamldr(struct sim *sim, unsigned int vcpu,
					 struct sim_regs *regs)
{
	unsigned int leaf = leaf_index(regs->rax);
	enum seamcall_result result = SEAMCALL_VMFAIL_INVALID;
	bool entered = enter_seamldr(sim);
	u64 latency = 0;

	pthread_mutex_lock(&sim->lock);
	if (!vmx_is_on(sim, vcpu)) {
		result = SEAMCALL_UD;
	} else if (entered || !check_on(sim, CHECK_SEAMLDR_BUSY)) {
		result = seamldr_leaf(sim, vcpu, regs);
		latency = sim->config.latency_ns[leaf];
		if (sim->config.erratum && result == SEAMCALL_DONE)
			vmx_seamret_clears_vmcs(sim, vcpu);
	}
	count_call(sim, leaf, result, regs->rax);
	pthread_mutex_unlock(&sim->lock);

	sleep_ns(latency);
	if (entered)
		atomic_store(&sim->seamldr.occupied, false);
	return result;
}

static enum seamcall_result call_module(struct sim *sim, unsigned int vcpu,
					struct sim_regs *regs)
{
	unsigned int leaf = leaf_index(regs->rax);
	enum seamcall_result result = SEAMCALL_UD;
	u64 latency = 0;

	atomic_fetch_add(&sim->module.lps_inside, 1);
	pthread_mutex_lock(&sim->lock);
	if (vmx_is_on(sim, vcpu)) {
		result = module_leaf(sim, vcpu, regs);
		latency = sim->config.latency_ns[leaf];
	}
	count_call(sim, leaf, result, regs->rax);
	pthread_mutex_unlock(&sim->lock);

	sleep_ns(latency);
	atomic_fetch_sub(&sim->module.lps_inside, 1);
	return result;
}

enum seamcall_result seamcall(struct sim *sim, unsigned int vcpu, struct sim_regs *regs)
{
	const struct sim_regs before = *regs;
	enum seamcall_result result;
	unsigned int leaf = leaf_index(regs->rax);
	u64 started = log_now();

	window_enter(sim->window, vcpu, leaf);
	if (regs->rax & SEAMCALL_P_SEAMLDR)
		result = call_seamldr(sim, vcpu, regs);
	else
		result = call_module(sim, vcpu, regs);

	/* Writing the log is not the kernel's time. */
	log_call(sim, vcpu, result, &before, regs, started);
	window_leave(sim->window, vcpu, leaf, result == SEAMCALL_DONE && !regs->rax);
	return result;
}
