/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the unit tests share: guest memory, a machine whose vCPUs are in VMX operation,
 * and images signed by a key of the tests' own.
 *
 * A test makes a good machine and a good image, and breaks one thing. Include this
 * file instead of cmocka.h.
 */
#ifndef SEAMSIM_TESTS_SUPPORT_H
#define SEAMSIM_TESTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../seamsim.h"

#define TEST_RAM_SIZE		(16UL << 20)

/* Where things lie in guest memory. */
#define TEST_TDMR_LIST_PA	0x10000UL
#define TEST_TDMR_INFO_PA	0x11000UL
#define TEST_INFO_PA		0x12000UL
#define TEST_PARAMS_PA		0x13000UL
#define TEST_SIGSTRUCT_PA	0x15000UL
/* A page per vCPU. */
#define TEST_VMXON_PA		0x20000UL
#define TEST_IMAGE_PA		0x200000UL
/* Up to the end of RAM: for the test itself. */
#define TEST_FREE_PA		0x800000UL

#define TEST_TDMR_SIZE		(1UL << 30)
#define TEST_TDX_KEYID		16

#define TEST_MAX_PAGES		SEAMLDR_MAX_MODULE_PAGES

struct machine {
	struct sim *sim;
	u8 *ram;
};

/* With every vCPU in VMX operation; the module is loaded and not initialized. */
struct machine *machine_new(unsigned int nr_vcpus);
void machine_free(struct machine *machine);

/* SYS.INIT, LP.INIT on every LP, CONFIG, KEY.CONFIG: the module is READY. */
void machine_boot(struct machine *machine);

/* Must succeed. */
void machine_option(struct machine *machine, const char *text);

/* Guest memory at @pa. */
void *machine_ram(struct machine *machine, u64 pa);

/* A SEAMCALL that gets through; returns its status, and registers in @regs if not NULL. */
u64 call_regs(struct machine *machine, unsigned int vcpu, u64 leaf, struct sim_regs *regs);
u64 call(struct machine *machine, unsigned int vcpu, u64 leaf, u64 rcx, u64 rdx, u64 r8);

/* A SEAMCALL, whatever becomes of it. */
enum seamcall_result try_call(struct machine *machine, unsigned int vcpu, u64 leaf, u64 rcx);

struct image {
	struct seam_sigstruct sig;
	unsigned int nr_pages;
	u8 pages[TEST_MAX_PAGES][PAGE_SIZE];
};

/* A good image of @nr_pages for the machine's defaults, signed. */
struct image *image_new(unsigned int nr_pages);
void image_free(struct image *image);

/* After a change of the pages. */
void image_hash(struct image *image);

/* After a change of the sigstruct. */
void image_sign(struct image *image);

/* The hash that the option signer= takes. */
const char *image_signer(void);

/* Into guest memory, with SEAMLDR_PARAMS for an update. Returns the parameters there. */
struct seamldr_params *image_load(struct machine *machine, const struct image *image);

/* SEAMLDR.INSTALL on every vCPU in turn; returns what the last one gets. */
u64 install(struct machine *machine, u64 *rdx);

/* From READY to READY: SHUTDOWN, INSTALL, SYS.INIT, LP.INIT, UPDATE. All must succeed. */
void update(struct machine *machine, const struct image *image);

#endif
