/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A small VMM for TDs: as much as a test needs to build one, to let its vCPUs run, to
 * see that they go on, and to take it down.
 *
 * The guest is not x86 code but a program for the TDX host emulator's interpreter: the
 * tests need a guest whose every step they know, not one that boots. On real hardware
 * td_supported() says no.
 *
 * Functions that can fail return 0 or a negative errno; td_where() then tells what
 * failed. One thread drives a TD; the vCPUs' threads are the VMM's own.
 */
#ifndef TD_VMM_H
#define TD_VMM_H

#include <linux/const.h>
#include <stdbool.h>
#include <stddef.h>

#include <linux/types.h>

#define TD_MAX_VCPUS	16
#define TD_MRTD_SIZE	48

/*
 * The interpreter's instructions. All operands are GPAs of 8-byte words; those of
 * TD_OP_STORE and TD_OP_OUT may be in shared memory.
 */
enum td_op {
	TD_OP_INVALID,		/* triple fault */
	TD_OP_COUNT,		/* add 1 to *a, write it to I/O port b */
	TD_OP_STORE,		/* *a = b */
	TD_OP_COPY,		/* *b = *a */
	TD_OP_JUMP,		/* go on at instruction a */
	TD_OP_OUT,		/* write 4 bytes of *a to I/O port b */
	TD_OP_VMCALL,		/* TDG.VP.VMCALL with the struct td_vmcall_block at a */
	TD_OP_ACCEPT,		/* accept the page at a */
	TD_OP_HLT,		/* wait for an interrupt not waited for yet */
	TD_OP_INTERRUPTS,	/* *a = interrupts taken so far */
	TD_OP_MRTD,		/* write MRTD to I/O port b, 4 bytes at a time */
	TD_OP_YIELD,		/* give up the time slice */
	TD_OP_NMIS,		/* *a = NMIs taken so far */
};

struct td_insn {
	__u64	op;
	__u64	a;
	__u64	b;
	__u64	reserved;
};

struct td_vmcall_block {
	__u64	r10;		/* answer only */
	__u64	r11;
	__u64	r12;
	__u64	r13;
	__u64	r14;
	__u64	r15;
};

/* I/O ports that this VMM gives a meaning to. */
#define TD_PORT_COUNT	0x510
#define TD_PORT_MRTD	0x514
#define TD_PORT_VALUE	0x518

/* GPAs: each vCPU has an area of its own. */
#define TD_AREA_BASE	0x100000ULL
#define TD_AREA_SIZE	0x10000ULL
#define TD_AREA(vcpu)	(TD_AREA_BASE + (vcpu) * TD_AREA_SIZE)
/* Measured: the program, and a page of data that starts as zeros. */
#define TD_PROGRAM(vcpu)	TD_AREA(vcpu)
#define TD_DATA(vcpu)		(TD_AREA(vcpu) + 0x1000)
/* Private, without a page until the guest touches it. */
#define TD_HEAP(vcpu)		(TD_AREA(vcpu) + 0x2000)
/* No memory at all: MMIO. TD_SHARED marks a GPA as shared. */
#define TD_MMIO_BASE	0x80000000ULL
#define TD_SHARED	_BITULL(47)

/* Why a vCPU's thread does not call KVM_RUN. */
enum td_vcpu_stop {
	TD_RUNNING,
	TD_NOT_STARTED,
	TD_PAUSED,		/* td_pause(), or its step is done */
	TD_FAILED,		/* KVM_RUN failed or gave an exit nobody asked for */
	TD_SHUT_DOWN,		/* triple fault */
	TD_LOST_COUNT,		/* a count was not the one after the last */
};

struct td_vcpu_status {
	enum td_vcpu_stop stop;
	__u32 count;		/* the latest */
	__u32 value;		/* the latest written to TD_PORT_VALUE */
	unsigned int nr_values;
	/* TD_FAILED: KVM_RUN's errno, 0 if it returned; then the exit reason. */
	int error;
	__u32 exit_reason;
	/* TD_FAILED: KVM's exit details. TD_LOST_COUNT: the number that came. */
	__u64 detail;
	/* The latest MMIO access. */
	__u64 mmio_gpa;
	__u64 mmio_value;
	unsigned int nr_mmio;
};

struct td;

/* This machine can run the TDs that this VMM makes; else the reason in *@why. */
bool td_supported(const char **why);

/* An empty VM with room for @nr_vcpus. NULL and errno on failure. */
struct td *td_new(unsigned int nr_vcpus);

/*
 * In this order. Every vCPU needs a program, of at most a page; sizes are in bytes.
 * td_init() creates the TD, td_add_vcpus() its vCPUs, td_add_image() copies and
 * measures the programs and the data pages, td_finalize() makes it runnable.
 */
void td_program(struct td *td, unsigned int vcpu, const struct td_insn *insns, size_t size);
void td_program_at(struct td *td, unsigned int vcpu, size_t offset, const void *bytes,
		   size_t size);
int td_init(struct td *td);
int td_add_vcpus(struct td *td);
int td_add_image(struct td *td);
int td_finalize(struct td *td);

/* All of the above for a TD of which each vCPU counts for ever. */
struct td *td_new_counting(unsigned int nr_vcpus);

/*
 * td_run() starts or continues all vCPUs, those too that failed. td_step() continues
 * one until it has counted @counts more times, then pauses it. td_pause() returns when
 * no vCPU is in the guest.
 */
int td_run(struct td *td);
int td_step(struct td *td, unsigned int vcpu, __u32 counts);
void td_pause(struct td *td);

void td_status(struct td *td, unsigned int vcpu, struct td_vcpu_status *status);
/* All vCPUs have counted @counts more times; -ETIMEDOUT, or -EIO if one has stopped. */
int td_wait_counts(struct td *td, __u32 counts, unsigned int timeout_ms);
/* The vCPU has stopped for any reason. */
int td_wait_stop(struct td *td, unsigned int vcpu, unsigned int timeout_ms);
/* A thing a test waits for; polled. */
int td_wait(struct td *td, bool (*done)(struct td *td, void *arg), void *arg,
	    unsigned int timeout_ms);

/* Counts that were lost or doubled, in all vCPUs. */
unsigned int td_nr_lost(struct td *td);

int td_interrupt(struct td *td, unsigned int vcpu, unsigned int vector);
int td_nmi(struct td *td, unsigned int vcpu);
/* From now on the vCPU's thread runs on this CPU only. It must have been started. */
int td_move(struct td *td, unsigned int vcpu, unsigned int cpu);
/* The vCPU has written @nr times to TD_PORT_VALUE since it was started. */
int td_wait_values(struct td *td, unsigned int vcpu, unsigned int nr, unsigned int timeout_ms);
/* The page goes back to the host; the guest gets a new one when it touches it. */
int td_discard(struct td *td, __u64 gpa, __u64 size);
/* The guest finds the page mapped when it touches it. The vCPU must not run. */
int td_prefault(struct td *td, unsigned int vcpu, __u64 gpa, __u64 size);
/* Shared memory as the host sees it; the GPA without TD_SHARED. */
void td_shared_write(struct td *td, __u64 gpa, __u64 value);
__u64 td_shared_read(struct td *td, __u64 gpa);

/* The TD's own report of MRTD, once a vCPU has executed TD_OP_MRTD. -ENODATA before. */
int td_mrtd(struct td *td, unsigned char mrtd[TD_MRTD_SIZE]);

/* What failed last, for messages; and the SEAMCALL's status, if it told one. */
const char *td_where(const struct td *td);
__u64 td_hw_error(const struct td *td);

/* From any state; NULL is allowed. */
void td_destroy(struct td *td);

#endif
