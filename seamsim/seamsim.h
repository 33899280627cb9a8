/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The emulated TDX host: all state, and the interface between its models.
 *
 * Plain C: no type of QEMU's appears outside of plugin.c and decode.c, so that the
 * models run under unit tests. vCPUs enter in parallel. Locking:
 *
 *  - sim->lock protects everything in struct sim but what is named below. The entry
 *    points (seamcall(), vmx_execute(), platform_*(), sim_options(), sim_state_json())
 *    take it; every other function is called with it held and may not block, except
 *    in the memory callbacks.
 *  - Atomics, used without the lock: seamldr.occupied (its owner is the one caller that
 *    is inside the P-SEAMLDR) and module.lps_inside. Both include the time that a
 *    leaf's configured latency takes, which is slept through without the lock.
 *  - window.c has locks of its own, taken after sim->lock; log.c has one, taken last.
 */
#ifndef SEAMSIM_H
#define SEAMSIM_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "abi.h"
#include "checks.h"
#include "leaf.h"
#include "log.h"
#include "types.h"
#include "vmx.h"

struct fault;
struct json_object;
struct td_state;
struct vmx_state;
struct window;

#define SIM_MAX_VCPUS		256
#define SIM_MAX_SIGNERS		8
#define SIM_MAX_TDMRS		64

/* In the order of the register numbers of the instruction encoding. */
struct sim_regs {
	union {
		struct {
			u64 rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi;
			u64 r8, r9, r10, r11, r12, r13, r14, r15;
		};
		u64 gpr[16];
	};
};

/*
 * Guest physical memory. Both return false for what is not RAM; @pa may lie anywhere
 * and [@pa, @pa + @size) may cross pages.
 */
struct sim_memory {
	bool (*read)(void *context, u64 pa, void *to, size_t size);
	bool (*write)(void *context, u64 pa, const void *from, size_t size);
	void *context;
};

struct sim_version {
	u16 major;
	u16 minor;
	u16 update;
	u16 build;
};

/* What an image says about itself, kept while it runs. */
struct module_identity {
	struct sim_version version;
	u16 seamsvn;
	u16 module_hv;
	u16 min_update_hv;
	bool no_downgrade;
	u16 num_handoff_pages;
	u8 mrseam[SHA384_SIZE];
};

enum module_state {
	MODULE_ABSENT,		/* nothing loaded, or lost: every leaf is VMfailInvalid */
	MODULE_LOADED,		/* TDH.SYS.INIT pending */
	MODULE_SYS_INIT,	/* TDH.SYS.LP.INIT on each LP, then CONFIG or UPDATE */
	MODULE_CONFIGURED,	/* TDH.SYS.KEY.CONFIG on each package pending */
	MODULE_READY,
	MODULE_SHUTDOWN,	/* handoff data written, SEAMLDR.INSTALL expected */
	MODULE_DISABLED,
};

struct tdmr {
	u64 base;
	u64 size;
};

/* Moments of the latest update, in ns of log_now(); 0: not since the last SHUTDOWN. */
struct update_times {
	u64 shutdown;
	u64 install_first;
	u64 install_last;
	u64 sys_init;
	u64 lp_init_last;
	u64 update;
};

struct module {
	enum module_state state;
	/* Before TDH.SYS.DISABLE, which a kernel calls on its way down. */
	enum module_state state_before_disable;
	struct module_identity id;
	u64 features0;
	bool lp_init[SIM_MAX_VCPUS];
	bool key_configured[SIM_MAX_VCPUS];	/* by package */
	struct tdmr tdmrs[SIM_MAX_TDMRS];
	unsigned int nr_tdmrs;
	unsigned int global_keyid;

	/* Lies in SEAM memory: outlives the module, until an UPDATE succeeds. */
	bool handoff_valid;
	u16 handoff_version;
	u16 handoff_pages;

	unsigned int nr_updates;
	struct update_times times;
	atomic_uint lps_inside;
};

struct seamldr {
	atomic_bool occupied;

	/* SEAM_READY: while clear, calls to the module are VMfailInvalid. */
	bool seam_ready;
	u32 num_remaining_updates;
	u64 features0;
	struct sim_version version;

	/* The INSTALL session: which LPs have called. */
	bool called[SIM_MAX_VCPUS];
	unsigned int nr_called;
	/* What SEAM_READY becomes when the session ends. */
	bool seam_ready_after;
	/* An injected fault hit an LP before the last one: this session installs nothing. */
	bool doomed;
	u64 nr_sessions;
	u64 nr_installed;
};

/* What stays as configured, whatever the firmware does. */
struct sim_config {
	/* SEAMRET from the P-SEAMLDR clears the current-VMCS pointer. */
	bool erratum;
	bool debug_platform;
	/* An UPDATE while a TD is built corrupts that TD's measurement. */
	bool build_erratum;
	unsigned int nr_packages;
	unsigned int phys_bits;
	unsigned int seam_pages;
	u32 cpuid[SIM_MAX_VCPUS];
	unsigned int nr_cpuid;
	u8 signers[SIM_MAX_SIGNERS][SHA384_SIZE];
	unsigned int nr_signers;
	/* Of an image whose sigstruct carries no version. */
	struct sim_version image_version;
	/* Of the module that is installed next; 0: those of the running one. */
	u64 image_features0;
	/* Pages that TDH.SYS.SHUTDOWN fills; 0: all that the module reserves. */
	u16 handoff_data_pages;
	u64 latency_ns[NR_LEAVES];
	bool checks_off[NR_CHECKS];
	/* Read when the machine starts. */
	bool count_insns;
	bool time_irqs_off;
};

struct sim_vcpu {
	/* CR4.VMXE as the guest set it; TCG itself does not know the bit. */
	bool cr4_vmxe;
	struct vmx_vcpu vmx;
};

struct sim {
	pthread_mutex_t lock;
	unsigned int nr_vcpus;
	struct sim_memory memory;
	struct sim_config config;
	struct seamldr seamldr;
	struct module module;
	struct sim_vcpu vcpu[SIM_MAX_VCPUS];
	struct fault *faults;
	u64 nr_calls[NR_LEAVES];
	u64 nr_failed[NR_LEAVES];
	struct sim_log log;

	/* Owned by td.c, vmx.c and window.c. */
	struct td_state *td;
	struct vmx_state *vmx;
	struct window *window;
};

enum seamcall_result {
	SEAMCALL_DONE,			/* the status is in RAX */
	SEAMCALL_VMFAIL_INVALID,	/* CF = 1, no register changed */
	SEAMCALL_UD,			/* outside VMX operation */
};

/* Returns NULL when memory is short. The options' defaults are set. */
struct sim *sim_new(unsigned int nr_vcpus, const struct sim_memory *memory);
void sim_free(struct sim *sim);

enum seamcall_result seamcall(struct sim *sim, unsigned int vcpu, struct sim_regs *regs);

/* The whole state; the caller owns the object. */
struct json_object *sim_state_json(struct sim *sim);

static inline bool check_on(const struct sim *sim, enum sim_check check)
{
	return !sim->config.checks_off[check];
}

static inline bool sim_read(const struct sim *sim, u64 pa, void *to, size_t size)
{
	return sim->memory.read(sim->memory.context, pa, to, size);
}

static inline bool sim_write(const struct sim *sim, u64 pa, const void *from, size_t size)
{
	return sim->memory.write(sim->memory.context, pa, from, size);
}

#endif
