// SPDX-License-Identifier: GPL-2.0-only
/* What the stop window costs: time inside and outside the firmware, waiting and work. */
#include "support.h"

#include <json-c/json.h>
#include <pthread.h>
#include <string.h>

#include "../leaf.h"
#include "../window.h"

#define NR_VCPUS	2
#define WAIT_PC		0x1000
#define LOCK_PC		0x2000
#define ROUND		10
#define INSTALL_LEAF	(SEAMCALL_P_SEAMLDR | SEAMLDR_INSTALL)

static u64 executed[NR_VCPUS];

static u64 read_executed(unsigned int vcpu)
{
	return executed[vcpu];
}

static unsigned int tdh(unsigned int leaf)
{
	return NR_SEAMLDR_LEAVES + leaf;
}

static struct window *counting_window(void)
{
	struct window *window = window_new(NR_VCPUS);

	assert_non_null(window);
	memset(executed, 0, sizeof(executed));
	window_count_by(window, read_executed);
	return window;
}

static void one_call(struct window *window, unsigned int vcpu, unsigned int leaf)
{
	window_enter(window, vcpu, leaf);
	window_leave(window, vcpu, leaf, true);
}

static void begin(struct window *window)
{
	one_call(window, 0, tdh(TDH_SYS_SHUTDOWN));
}

static void end(struct window *window)
{
	one_call(window, 0, tdh(TDH_SYS_UPDATE));
}

static void pause_after(struct window *window, unsigned int vcpu, u64 insns, u64 pc)
{
	executed[vcpu] += insns;
	window_pause(window, vcpu, pc);
}

static void wait_rounds(struct window *window, unsigned int vcpu, unsigned int rounds)
{
	while (rounds--)
		pause_after(window, vcpu, ROUND, WAIT_PC);
}

/* Members of the latest window, by the way to them: a number at its end. */
static u64 number(struct window *window, const char *key)
{
	struct json_object *object = window_json(window), *member;
	u64 value;

	assert_non_null(object);
	assert_true(json_object_object_get_ex(object, key, &member));
	value = json_object_get_uint64(member);
	json_object_put(object);
	return value;
}

static bool vcpu_number(struct window *window, unsigned int vcpu, const char *key, u64 *value)
{
	struct json_object *object = window_json(window), *vcpus, *member;
	bool there;

	assert_non_null(object);
	assert_true(json_object_object_get_ex(object, "vcpus", &vcpus));
	there = json_object_object_get_ex(json_object_array_get_idx(vcpus, vcpu), key, &member);
	if (there)
		*value = json_object_get_uint64(member);
	json_object_put(object);
	return there;
}

static void assert_split(struct window *window, unsigned int vcpu, u64 work, u64 waiting)
{
	u64 value;

	assert_true(vcpu_number(window, vcpu, "work", &value));
	assert_int_equal(work, value);
	assert_true(vcpu_number(window, vcpu, "waiting", &value));
	assert_int_equal(waiting, value);
}

static void no_window_before_an_update(void **state)
{
	struct window *window = counting_window();

	(void)state;
	assert_null(window_json(window));
	begin(window);
	assert_null(window_json(window));
	window_enter(window, 0, tdh(TDH_SYS_UPDATE));
	window_leave(window, 0, tdh(TDH_SYS_UPDATE), false);
	assert_null(window_json(window));
	end(window);
	json_object_put(window_json(window));
	window_free(window);
}

static void a_cpu_that_waits_does_no_work(void **state)
{
	struct window *window = counting_window();

	(void)state;
	wait_rounds(window, 1, 3);
	/* The window begins and ends inside of a round. */
	executed[1] += 4;
	begin(window);
	pause_after(window, 1, ROUND - 4, WAIT_PC);
	wait_rounds(window, 1, 5);
	executed[1] += 7;
	end(window);
	assert_split(window, 1, 0, ROUND - 4 + 5 * ROUND + 7);
	assert_split(window, 0, 0, 0);
	window_free(window);
}

static void what_a_round_has_beyond_waiting_is_work(void **state)
{
	struct window *window = counting_window();

	(void)state;
	begin(window);
	wait_rounds(window, 1, 3);
	pause_after(window, 1, ROUND + 25, WAIT_PC);
	wait_rounds(window, 1, 2);
	end(window);
	/* What came before the first PAUSE, too. */
	assert_split(window, 1, ROUND + 25, 5 * ROUND);
	window_free(window);
}

static void work_in_the_first_and_last_round_counts_as_far_as_it_is_inside(void **state)
{
	struct window *window = counting_window();

	(void)state;
	wait_rounds(window, 1, 2);
	executed[1] += 5;
	begin(window);
	pause_after(window, 1, 30, WAIT_PC);
	wait_rounds(window, 1, 4);
	executed[1] += 100;
	end(window);
	assert_split(window, 1, 35 - ROUND + 100 - ROUND, 5 + 4 * ROUND + ROUND);
	window_free(window);
}

static void a_round_with_a_seamcall_is_no_measure_of_waiting(void **state)
{
	struct window *window = counting_window();

	(void)state;
	begin(window);
	pause_after(window, 1, 0, WAIT_PC);
	executed[1] += 3;
	one_call(window, 1, leaf_index(INSTALL_LEAF));
	pause_after(window, 1, 4, WAIT_PC);
	end(window);
	/* Nobody was seen to wait: all is work. */
	assert_split(window, 1, 7, 0);

	begin(window);
	executed[1] += 3;
	one_call(window, 1, leaf_index(INSTALL_LEAF));
	pause_after(window, 1, 40, WAIT_PC);
	wait_rounds(window, 1, 1);
	end(window);
	assert_split(window, 1, 43 - ROUND, 2 * ROUND);
	window_free(window);
}

static void waiting_is_measured_on_any_cpu(void **state)
{
	struct window *window = counting_window();

	(void)state;
	begin(window);
	pause_after(window, 0, 0, WAIT_PC);
	executed[0] += 50;
	one_call(window, 0, leaf_index(INSTALL_LEAF));
	pause_after(window, 0, 50, WAIT_PC);
	wait_rounds(window, 1, 3);
	end(window);
	assert_split(window, 0, 100 - ROUND, ROUND);
	window_free(window);
}

static void from_one_loop_to_another_is_work(void **state)
{
	struct window *window = counting_window();

	(void)state;
	begin(window);
	wait_rounds(window, 1, 3);
	pause_after(window, 1, 20, LOCK_PC);
	pause_after(window, 1, 2, LOCK_PC);
	pause_after(window, 1, 2, LOCK_PC);
	pause_after(window, 1, 20, WAIT_PC);
	wait_rounds(window, 1, 1);
	end(window);
	/* The first ROUND has no PAUSE at its beginning. */
	assert_split(window, 1, ROUND + 20 + 20, 3 * ROUND + 2 * 2);
	window_free(window);
}

static void more_loops_than_there_is_room_for_are_work(void **state)
{
	struct window *window = counting_window();
	u64 work, waiting, total = 0;

	(void)state;
	begin(window);
	for (u64 pc = 1; pc <= 100; pc++) {
		pause_after(window, 1, 0, pc);
		pause_after(window, 1, ROUND, pc);
		total += ROUND;
	}
	end(window);
	assert_true(vcpu_number(window, 1, "work", &work));
	assert_true(vcpu_number(window, 1, "waiting", &waiting));
	assert_int_equal(total, work + waiting);
	assert_true(work > 0 && waiting > 0);
	window_free(window);
}

static void each_window_begins_anew(void **state)
{
	struct window *window = counting_window();

	(void)state;
	begin(window);
	executed[0] += 1000;
	wait_rounds(window, 1, 9);
	end(window);
	begin(window);
	executed[0] += 1;
	end(window);
	assert_split(window, 0, 1, 0);
	assert_split(window, 1, 0, 0);
	window_free(window);
}

static void without_a_counter_only_time_is_told(void **state)
{
	struct window *window = window_new(NR_VCPUS);
	u64 value;

	(void)state;
	begin(window);
	window_pause(window, 1, WAIT_PC);
	end(window);
	assert_false(vcpu_number(window, 1, "work", &value));
	assert_true(number(window, "ns") > 0);
	window_free(window);
}

static void sleep_a_bit(void)
{
	const struct timespec bit = { .tv_nsec = 2000000 };

	nanosleep(&bit, NULL);
}

static void firmware_time_is_counted_once_for_callers_side_by_side(void **state)
{
	struct window *window = counting_window();
	u64 ns, firmware_ns;

	(void)state;
	begin(window);
	sleep_a_bit();
	window_enter(window, 0, tdh(TDH_SYS_LP_INIT));
	window_enter(window, 1, tdh(TDH_SYS_LP_INIT));
	sleep_a_bit();
	window_leave(window, 0, tdh(TDH_SYS_LP_INIT), true);
	window_leave(window, 1, tdh(TDH_SYS_LP_INIT), true);
	end(window);
	ns = number(window, "ns");
	firmware_ns = number(window, "firmware_ns");
	assert_true(firmware_ns >= 2000000);
	assert_true(ns - firmware_ns >= 2000000);
	window_free(window);
}

static u64 calls_of(struct window *window, const char *leaf)
{
	struct json_object *object = window_json(window), *calls, *member;
	u64 nr = 0;

	assert_true(json_object_object_get_ex(object, "calls", &calls));
	if (json_object_object_get_ex(calls, leaf, &member))
		nr = json_object_get_uint64(member);
	json_object_put(object);
	return nr;
}

/* The whole way: through seamcall(), where the state is read. */
static void an_update_has_a_window(void **state)
{
	struct machine *machine = machine_new(NR_VCPUS);
	struct image *image = image_new(1);
	struct window *window = machine->sim->window;

	(void)state;
	machine_boot(machine);
	image_load(machine, image);
	image_free(image);
	assert_int_equal(TDX_SUCCESS, call(machine, 0, TDH_SYS_SHUTDOWN, 0, 0, 0));
	for (unsigned int i = 0; i < NR_VCPUS; i++)
		assert_int_equal(SEAMLDR_SUCCESS,
				 call(machine, i, INSTALL_LEAF, TEST_PARAMS_PA, 0, 0));
	assert_int_equal(TDX_SUCCESS, call(machine, 0, TDH_SYS_INIT, 0, 0, 0));
	for (unsigned int i = 0; i < NR_VCPUS; i++)
		assert_int_equal(TDX_SUCCESS, call(machine, i, TDH_SYS_LP_INIT, 0, 0, 0));
	assert_null(window_json(window));
	assert_int_equal(TDX_SUCCESS, call(machine, 0, TDH_SYS_UPDATE, 0, 0, 0));

	assert_int_equal(1, calls_of(window, "TDH.SYS.SHUTDOWN"));
	assert_int_equal(NR_VCPUS, calls_of(window, "SEAMLDR.INSTALL"));
	assert_int_equal(NR_VCPUS, calls_of(window, "TDH.SYS.LP.INIT"));
	assert_int_equal(1, calls_of(window, "TDH.SYS.UPDATE"));
	/* Those before the window are not in it. */
	assert_int_equal(0, calls_of(window, "TDH.SYS.CONFIG"));
	assert_true(number(window, "firmware_ns") > 0);
	machine_free(machine);
}

static void the_stretch_round_the_window_is_timed(void **state)
{
	struct window *window = counting_window();
	u64 ns;

	(void)state;
	/* Over before the window. */
	window_cli(window, 0, true);
	window_sti(window, 0);
	window_cli(window, 1, true);
	begin(window);
	/* Off already: does not begin a stretch. */
	window_cli(window, 1, false);
	sleep_a_bit();
	end(window);
	window_sti(window, 1);
	/* Begun after it. */
	window_cli(window, 0, true);
	window_sti(window, 0);

	assert_false(vcpu_number(window, 0, "irqs_off_ns", &ns));
	assert_true(vcpu_number(window, 1, "irqs_off_ns", &ns));
	assert_true(ns >= number(window, "ns"));
	window_free(window);
}

static atomic_ullong rounds_of_waiter;
static atomic_bool waiter_stops;

static void *wait_in_rounds(void *arg)
{
	while (!atomic_load(&waiter_stops)) {
		atomic_fetch_add(&rounds_of_waiter, 1);
		window_pause(arg, 1, WAIT_PC);
	}
	return NULL;
}

/* One instruction a round. */
static u64 executed_by_waiter(unsigned int vcpu)
{
	return vcpu == 1 ? atomic_load(&rounds_of_waiter) : 0;
}

static void cpus_pause_while_others_open_and_close(void **state)
{
	struct window *window = window_new(NR_VCPUS);
	pthread_t thread;
	u64 work;

	(void)state;
	window_count_by(window, executed_by_waiter);
	assert_int_equal(0, pthread_create(&thread, NULL, wait_in_rounds, window));
	for (unsigned int i = 0; i < 2000; i++) {
		begin(window);
		end(window);
		assert_true(vcpu_number(window, 1, "work", &work));
		/* At most what came before its first PAUSE, and after its last. */
		assert_in_range(work, 0, 2);
	}
	atomic_store(&waiter_stops, true);
	assert_int_equal(0, pthread_join(thread, NULL));
	window_free(window);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_window_before_an_update),
		cmocka_unit_test(a_cpu_that_waits_does_no_work),
		cmocka_unit_test(what_a_round_has_beyond_waiting_is_work),
		cmocka_unit_test(work_in_the_first_and_last_round_counts_as_far_as_it_is_inside),
		cmocka_unit_test(a_round_with_a_seamcall_is_no_measure_of_waiting),
		cmocka_unit_test(waiting_is_measured_on_any_cpu),
		cmocka_unit_test(from_one_loop_to_another_is_work),
		cmocka_unit_test(more_loops_than_there_is_room_for_are_work),
		cmocka_unit_test(each_window_begins_anew),
		cmocka_unit_test(without_a_counter_only_time_is_told),
		cmocka_unit_test(firmware_time_is_counted_once_for_callers_side_by_side),
		cmocka_unit_test(an_update_has_a_window),
		cmocka_unit_test(the_stretch_round_the_window_is_timed),
		cmocka_unit_test(cpus_pause_while_others_open_and_close),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
