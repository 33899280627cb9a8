// SPDX-License-Identifier: GPL-2.0-only
/* The cost of the stop window: see window.h. */
#include "window.h"

#include <json-c/json.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "abi.h"
#include "leaf.h"
#include "log.h"

#define MAX_LOOPS	16
#define NOT_SEEN	(~0ULL)

static const unsigned int shutdown_leaf = NR_SEAMLDR_LEAVES + TDH_SYS_SHUTDOWN;
static const unsigned int update_leaf = NR_SEAMLDR_LEAVES + TDH_SYS_UPDATE;

/* A PAUSE that was executed again without another one between. */
struct loop {
	u64 pc;
	u64 rounds;
	u64 insns;
	/* Of the rounds without SEAMCALL, also one that began before the window. */
	u64 shortest;
};

/* A part of a round, at either end of the window. */
struct part {
	u64 pc;
	u64 inside;
	/* Of the round; of the last one only the part inside is known. */
	u64 length;
};

struct vcpu {
	/* Its own thread writes; who opens or closes the window reads and resets. */
	pthread_mutex_t lock;

	/* The latest PAUSE, in or before the window. */
	u64 pause_pc;
	u64 pause_insns;
	bool called_since;

	/* The window. */
	bool open;
	u64 opened_insns;
	u64 closed_insns;
	struct loop loops[MAX_LOOPS];
	unsigned int nr_loops;
	u64 not_in_rounds;
	struct part first;
	struct part last;

	u64 opened_ns;
	u64 closed_ns;
	u64 irqs_off_since;
	u64 irqs_off_ns;
};

struct window {
	pthread_mutex_t lock;
	u64 (*insns)(unsigned int vcpu);
	unsigned int nr_inside;
	u64 inside_since;

	bool open;
	bool closed;
	u64 opened_ns;
	u64 closed_ns;
	u64 firmware_ns;
	u64 calls[NR_LEAVES];
	struct loop loops[MAX_LOOPS];
	unsigned int nr_loops;

	unsigned int nr_vcpus;
	struct vcpu vcpus[];
};

struct window *window_new(unsigned int nr_vcpus)
{
	struct window *window = calloc(1, sizeof(*window) + nr_vcpus * sizeof(struct vcpu));

	if (!window)
		return NULL;
	pthread_mutex_init(&window->lock, NULL);
	window->nr_vcpus = nr_vcpus;
	for (unsigned int i = 0; i < nr_vcpus; i++)
		pthread_mutex_init(&window->vcpus[i].lock, NULL);
	return window;
}

void window_free(struct window *window)
{
	for (unsigned int i = 0; i < window->nr_vcpus; i++)
		pthread_mutex_destroy(&window->vcpus[i].lock);
	pthread_mutex_destroy(&window->lock);
	free(window);
}

void window_count_by(struct window *window, u64 (*insns)(unsigned int vcpu))
{
	window->insns = insns;
}

static u64 executed(const struct window *window, unsigned int vcpu)
{
	return window->insns ? window->insns(vcpu) : 0;
}

static u64 min_u64(u64 a, u64 b)
{
	return a < b ? a : b;
}

static struct loop *find_loop(struct loop *loops, unsigned int *nr, u64 pc)
{
	for (unsigned int i = 0; i < *nr; i++) {
		if (loops[i].pc == pc)
			return &loops[i];
	}
	if (*nr == MAX_LOOPS)
		return NULL;
	loops[*nr] = (struct loop){ .pc = pc, .shortest = NOT_SEEN };
	return &loops[(*nr)++];
}

static void end_of_piece(struct vcpu *vcpu, u64 pc, u64 now)
{
	u64 length = now - vcpu->pause_insns;
	u64 inside = min_u64(length, now - vcpu->opened_insns);
	struct loop *loop = NULL;

	if (pc == vcpu->pause_pc)
		loop = find_loop(vcpu->loops, &vcpu->nr_loops, pc);
	if (!loop) {
		vcpu->not_in_rounds += inside;
		return;
	}

	if (!vcpu->called_since)
		loop->shortest = min_u64(loop->shortest, length);
	if (inside < length) {
		vcpu->first = (struct part){ pc, inside, length };
	} else {
		loop->rounds++;
		loop->insns += length;
	}
}

void window_pause(struct window *window, unsigned int index, u64 pc)
{
	struct vcpu *vcpu = &window->vcpus[index];
	u64 now = executed(window, index);

	pthread_mutex_lock(&vcpu->lock);
	if (vcpu->open)
		end_of_piece(vcpu, pc, now);
	vcpu->pause_pc = pc;
	vcpu->pause_insns = now;
	vcpu->called_since = false;
	pthread_mutex_unlock(&vcpu->lock);
}

static void open_vcpu(struct window *window, unsigned int index)
{
	struct vcpu *vcpu = &window->vcpus[index];

	pthread_mutex_lock(&vcpu->lock);
	vcpu->open = true;
	vcpu->opened_insns = executed(window, index);
	vcpu->nr_loops = 0;
	vcpu->not_in_rounds = 0;
	vcpu->first = (struct part){ };
	vcpu->last = (struct part){ };
	vcpu->opened_ns = window->opened_ns;
	vcpu->closed_ns = 0;
	vcpu->irqs_off_ns = 0;
	pthread_mutex_unlock(&vcpu->lock);
}

static void close_vcpu(struct window *window, unsigned int index)
{
	struct vcpu *vcpu = &window->vcpus[index];
	u64 insns, inside;

	pthread_mutex_lock(&vcpu->lock);
	/* Under the lock, so that it is not less than at the latest PAUSE. */
	insns = executed(window, index);
	inside = min_u64(insns - vcpu->opened_insns, insns - vcpu->pause_insns);
	vcpu->last = (struct part){ vcpu->pause_pc, inside, inside };
	vcpu->open = false;
	vcpu->closed_insns = insns;
	vcpu->closed_ns = window->closed_ns;
	pthread_mutex_unlock(&vcpu->lock);
}

static void open_window(struct window *window)
{
	window->open = true;
	window->closed = false;
	window->opened_ns = log_now();
	window->firmware_ns = 0;
	for (unsigned int i = 0; i < NR_LEAVES; i++)
		window->calls[i] = 0;
	for (unsigned int i = 0; i < window->nr_vcpus; i++)
		open_vcpu(window, i);
}

/* What all vCPUs saw of a loop. */
static void collect_loops(struct window *window, const struct vcpu *vcpu)
{
	for (unsigned int i = 0; i < vcpu->nr_loops; i++) {
		const struct loop *from = &vcpu->loops[i];
		struct loop *to = find_loop(window->loops, &window->nr_loops, from->pc);

		if (!to)
			continue;
		to->rounds += from->rounds;
		to->insns += from->insns;
		to->shortest = min_u64(to->shortest, from->shortest);
	}
}

static void close_window(struct window *window, u64 now)
{
	window->open = false;
	window->closed = true;
	window->closed_ns = now;
	window->nr_loops = 0;
	for (unsigned int i = 0; i < window->nr_vcpus; i++) {
		close_vcpu(window, i);
		collect_loops(window, &window->vcpus[i]);
	}
}

void window_enter(struct window *window, unsigned int index, unsigned int leaf)
{
	struct vcpu *vcpu = &window->vcpus[index];

	pthread_mutex_lock(&window->lock);
	if (leaf == shutdown_leaf)
		open_window(window);
	if (!window->nr_inside++)
		window->inside_since = log_now();
	if (window->open)
		window->calls[leaf]++;
	pthread_mutex_unlock(&window->lock);

	pthread_mutex_lock(&vcpu->lock);
	vcpu->called_since = true;
	pthread_mutex_unlock(&vcpu->lock);
}

void window_leave(struct window *window, unsigned int vcpu, unsigned int leaf, bool succeeded)
{
	bool last = leaf == update_leaf && succeeded;
	u64 now, since;

	(void)vcpu;
	pthread_mutex_lock(&window->lock);
	window->nr_inside--;
	if (window->open && (last || !window->nr_inside)) {
		now = log_now();
		since = window->inside_since;
		if (since < window->opened_ns)
			since = window->opened_ns;
		window->firmware_ns += now - since;
		if (last)
			close_window(window, now);
	}
	pthread_mutex_unlock(&window->lock);
}

void window_cli(struct window *window, unsigned int index, bool were_on)
{
	struct vcpu *vcpu = &window->vcpus[index];

	if (!were_on)
		return;
	pthread_mutex_lock(&vcpu->lock);
	vcpu->irqs_off_since = log_now();
	pthread_mutex_unlock(&vcpu->lock);
}

void window_sti(struct window *window, unsigned int index)
{
	struct vcpu *vcpu = &window->vcpus[index];
	u64 since, now = log_now();

	pthread_mutex_lock(&vcpu->lock);
	since = vcpu->irqs_off_since;
	vcpu->irqs_off_since = 0;
	if (since && vcpu->opened_ns && now > vcpu->opened_ns &&
	    (vcpu->open || since < vcpu->closed_ns) && now - since > vcpu->irqs_off_ns)
		vcpu->irqs_off_ns = now - since;
	pthread_mutex_unlock(&vcpu->lock);
}

/* What waiting takes, of the loop at @pc. */
static u64 shortest_round(struct window *window, u64 pc)
{
	for (unsigned int i = 0; i < window->nr_loops; i++) {
		if (window->loops[i].pc == pc && window->loops[i].shortest != NOT_SEEN)
			return window->loops[i].shortest;
	}
	return 0;
}

static u64 waited(struct window *window, const struct vcpu *vcpu)
{
	u64 shortest = shortest_round(window, vcpu->first.pc);
	/* In the first round the work may lie on either side: in the window, as far as it fits. */
	u64 beyond = vcpu->first.length - min_u64(vcpu->first.length, shortest);
	u64 waiting = vcpu->first.inside - min_u64(vcpu->first.inside, beyond);

	for (unsigned int i = 0; i < vcpu->nr_loops; i++)
		waiting += vcpu->loops[i].rounds * shortest_round(window, vcpu->loops[i].pc);
	return waiting + min_u64(vcpu->last.inside, shortest_round(window, vcpu->last.pc));
}

static void add_number(struct json_object *object, const char *key, u64 value)
{
	json_object_object_add(object, key, json_object_new_uint64(value));
}

static struct json_object *calls_json(const struct window *window)
{
	struct json_object *object = json_object_new_object();

	for (unsigned int i = 0; i < NR_LEAVES; i++) {
		if (window->calls[i])
			add_number(object, leaf_name(i), window->calls[i]);
	}
	return object;
}

static struct json_object *vcpu_json(struct window *window, struct vcpu *vcpu)
{
	struct json_object *object = json_object_new_object();
	u64 total, waiting;

	pthread_mutex_lock(&vcpu->lock);
	if (window->insns) {
		total = vcpu->closed_insns - vcpu->opened_insns;
		waiting = waited(window, vcpu);
		add_number(object, "work", total - waiting);
		add_number(object, "waiting", waiting);
	}
	if (vcpu->irqs_off_ns)
		add_number(object, "irqs_off_ns", vcpu->irqs_off_ns);
	pthread_mutex_unlock(&vcpu->lock);
	return object;
}

static struct json_object *loop_json(const struct loop *loop)
{
	struct json_object *object = json_object_new_object();
	char pc[sizeof("0x") + 2 * sizeof(loop->pc)];

	snprintf(pc, sizeof(pc), "0x%llx", (unsigned long long)loop->pc);
	json_object_object_add(object, "pc", json_object_new_string(pc));
	add_number(object, "rounds", loop->rounds);
	add_number(object, "insns", loop->insns);
	if (loop->shortest != NOT_SEEN)
		add_number(object, "shortest", loop->shortest);
	return object;
}

struct json_object *window_json(struct window *window)
{
	struct json_object *object = NULL, *vcpus, *loops;

	pthread_mutex_lock(&window->lock);
	if (window->closed) {
		object = json_object_new_object();
		vcpus = json_object_new_array();
		loops = json_object_new_array();
		add_number(object, "ns", window->closed_ns - window->opened_ns);
		add_number(object, "firmware_ns", window->firmware_ns);
		json_object_object_add(object, "calls", calls_json(window));
		for (unsigned int i = 0; i < window->nr_vcpus; i++)
			json_object_array_add(vcpus, vcpu_json(window, &window->vcpus[i]));
		for (unsigned int i = 0; i < window->nr_loops; i++)
			json_object_array_add(loops, loop_json(&window->loops[i]));
		json_object_object_add(object, "vcpus", vcpus);
		json_object_object_add(object, "loops", loops);
	}
	pthread_mutex_unlock(&window->lock);
	return object;
}
