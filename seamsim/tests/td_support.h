/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A TD for unit tests, built by the leaves that a VMM calls. Each stage brings along
 * the ones before it, so that a test says how far it wants to go.
 */
#ifndef SEAMSIM_TESTS_TD_SUPPORT_H
#define SEAMSIM_TESTS_TD_SUPPORT_H

#include "support.h"

#include "../td_model.h"

#define TEST_TD_HKID		(TD_HKID_FIRST + 1)
#define TEST_TD_PACKAGES	2
#define TEST_TD_LPS		4
#define TEST_TD_MAX_VCPUS	4

/* GPAs: program and data are added, the heap is not. */
#define TEST_TD_PROGRAM		0x1000UL
#define TEST_TD_DATA		0x2000UL
#define TEST_TD_HEAP		0x3000UL
#define TEST_TD_NR_TABLES	3

enum test_td_stage {
	STAGE_NOTHING,
	STAGE_CREATED,
	STAGE_KEYS,
	STAGE_TDCS,
	STAGE_INITIALIZED,
	STAGE_VCPU_CREATED,
	STAGE_VCPU_PAGES,
	STAGE_VCPU_READY,
	STAGE_TABLES,
	STAGE_IMAGE,
	STAGE_RUNNABLE,
	/* And down again. */
	STAGE_FLUSHED,
	STAGE_BLOCKED,
	STAGE_WRITTEN_BACK,
	STAGE_TEARDOWN,
};

struct test_td {
	struct machine *machine;
	enum test_td_stage stage;
	u64 next_page;
	u64 tdr;
	u64 tdvpr;
	u64 tdcx;
	u64 program_pa;
	u64 data_pa;
	struct td_params *params;
	u64 params_pa;
	const struct td_insn *program;
	size_t nr_insns;
};

/* A machine that is booted, and a TD of which nothing is there yet. */
struct test_td *test_td_new(void);
void test_td_free(struct test_td *test);

/* A page of guest memory that nobody uses. */
u64 test_td_page(struct test_td *test);

/* Each leaf on the way must succeed. */
void test_td_build(struct test_td *test, enum test_td_stage stage);

/* On LP 0. */
u64 test_td_call(struct test_td *test, u64 leaf, u64 rcx, u64 rdx, u64 r8, u64 r9);

/* TDH.VP.ENTER of the first vCPU; returns RAX. */
u64 test_td_enter(struct test_td *test, unsigned int lp, struct sim_regs *regs);

/* A further vCPU up to, not including, TDH.VP.INIT. */
u64 test_td_add_vcpu(struct test_td *test);

/* The model's own record of the TD. */
struct td *test_td_model(struct test_td *test);

#endif
