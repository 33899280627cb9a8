/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the TD models share among themselves: state, and how a leaf is described.
 *
 * Of no use outside of td*.c; td.h is the interface.
 *
 * sim->lock protects all of it. A leaf may let go of the lock while it works on guest
 * memory (td_unlock_memory()); what it relies on meanwhile is held by the resource
 * locks that the "TDX Module ABI Specification" gives it, which other callers fail to
 * take with TDX_OPERAND_BUSY. Everything reached that way stays allocated: struct td
 * counts its users.
 */
#ifndef SEAMSIM_TD_MODEL_H
#define SEAMSIM_TD_MODEL_H

#include <openssl/evp.h>
#include <sys/queue.h>

#include "platform.h"
#include "seamsim.h"
#include "td.h"
#include "td_abi.h"
#include "td_program.h"

#define TD_TDCX_PAGES		4
#define TD_TDVPX_PAGES		5
#define TD_LP_NONE		(-1)

/* KeyIDs that TDs may have, by IA32_MKTME_KEYID_PARTITIONING. */
#define TD_HKID_FIRST		PLATFORM_FIRST_TDX_KEYID
#define TD_HKID_END		(PLATFORM_FIRST_TDX_KEYID + PLATFORM_NR_TDX_KEYIDS)

#define SEPT_ENTRIES		512
#define SEPT_INDEX_BITS		9

/* As the TDX module tells states of Secure EPT entries in RDX bits 15:8. */
enum sept_state {
	SEPT_FREE		= 0,
	SEPT_BLOCKED		= 1,
	SEPT_PENDING		= 2,
	SEPT_PENDING_BLOCKED	= 3,
	SEPT_PRESENT		= 4,
};

struct sept_table;

struct sept_entry {
	enum sept_state state;
	u64 pa;
	/* Not a leaf: the table that lies at pa. */
	struct sept_table *table;
	/* TD epoch when it was blocked. */
	u64 blocked_epoch;
};

struct sept_table {
	struct sept_entry entry[SEPT_ENTRIES];
};

/* A lock of the TDX module: nobody waits for it. */
struct td_resource {
	unsigned int sharers;
	bool exclusive;
};

enum td_access {
	TD_UNLOCKED,
	TD_SHARED,
	TD_EXCLUSIVE,
};

enum td_lifecycle {
	TD_HKID_ASSIGNED	= 1 << 0,
	TD_KEYS_CONFIGURED	= 1 << 1,
	TD_BLOCKED		= 1 << 2,
	TD_TEARDOWN		= 1 << 3,
};

enum td_op_state {
	TD_UNINITIALIZED	= 1 << 0,
	TD_INITIALIZED		= 1 << 1,
	TD_RUNNABLE		= 1 << 2,
};

enum td_vcpu_state {
	TD_VCPU_UNINITIALIZED	= 1 << 0,
	TD_VCPU_READY		= 1 << 1,
};

enum guest_state {
	GUEST_RUNNING,
	/* Left by TDG.VP.VMCALL: the next entry brings the answer. */
	GUEST_IN_VMCALL,
	/* The answer is there, the instruction that asked is not finished. */
	GUEST_ANSWERED,
	GUEST_DEAD,
};

struct guest {
	enum guest_state state;
	u64 program;
	u64 pc;
	struct td_vmcall_block answer;
	/* Of a value that goes out in pieces: the one that is due. */
	unsigned int piece;
	u64 irr[PI_DESC_PIR_WORDS];
	bool nmi_pending;
	u64 nr_interrupts;
	/* Of these, those that a TD_OP_HLT has waited for. */
	u64 nr_awaited;
	u64 nr_nmis;
	u64 nr_entries;
	/* The latest number a TD_OP_COUNT has reported. */
	u64 count;
};

struct td_vcpu {
	LIST_ENTRY(td_vcpu) node;
	struct td *td;
	u64 tdvpr;
	enum td_vcpu_state state;
	unsigned int nr_tdcx;
	u32 x2apic_id;
	struct td_resource lock;
	/* The LP that may hold its state in caches, or TD_LP_NONE. */
	int lp;
	u64 posted_intr_nv;
	u64 posted_intr_desc;
	u64 shared_eptp;
	u64 pin_based_controls;
	u64 secondary_controls;
	u64 notify_window;
	struct guest guest;
};

/* How many epochs can have vCPUs inside at a time: TDH.MEM.TRACK sees to it. */
#define TD_EPOCHS		2

struct td {
	LIST_ENTRY(td) node;
	unsigned int users;
	u64 tdr;
	u16 hkid;
	enum td_lifecycle lifecycle;
	enum td_op_state op_state;
	bool key_configured[SIM_MAX_VCPUS];	/* by package */
	unsigned int nr_tdcx;
	/* Pages that belong to it, its TDR not counted. */
	u64 nr_pages;
	/* TDR and TDCS: no leaf of this model takes one without the other. */
	struct td_resource lock;
	struct td_resource sept_lock;

	struct td_params params;
	/* Begun under a module that counts builds for AVOID_COMPAT_SENSITIVE. */
	bool build_known;
	EVP_MD_CTX *measurement;
	u8 mrtd[TD_MEASUREMENT_SIZE];

	unsigned int top_level;
	struct sept_table *sept;
	u64 epoch;
	unsigned int inside[TD_EPOCHS];

	LIST_HEAD(, td_vcpu) vcpus;
	unsigned int nr_vcpus;
};

/* The owner of a page that is not PT_NDA. */
struct td_page {
	u64 pa;
	enum tdx_page_type type;
	struct td *td;
	struct td_vcpu *vcpu;
};

enum hkid_state {
	HKID_FREE,
	HKID_ASSIGNED_TO_TD,
	HKID_FLUSHED,
};

struct hkid {
	enum hkid_state state;
	/* By package: TDH.PHYMEM.CACHE.WB still to come. */
	bool wb_pending[SIM_MAX_VCPUS];
};

struct td_state {
	/* Of struct td_page, by address: tsearch(3). */
	void *pages;
	LIST_HEAD(, td) tds;
	struct hkid hkids[TD_HKID_END];
};

/* One SEAMCALL. */
struct td_call {
	struct sim *sim;
	unsigned int lp;
	struct sim_regs *regs;
	struct td *td;
	struct td_vcpu *vcpu;
};

/* What the TDX module checks and locks before it gets to what a leaf is for. */
struct td_leaf {
	u64 (*run)(struct td_call *call);
	/* Where the operand is: TDX_OPERAND_RCX or _RDX, 0 for none. A TDVPR implies its TD. */
	u8 tdr;
	u8 tdvpr;
	enum td_access td_access;
	enum td_access vcpu_access;
	enum td_access sept_access;
	/* Masks; 0 stands for any. */
	unsigned int lifecycle;
	/* Implies that keys are configured and the TDCS is complete. */
	unsigned int op_state;
};

static inline u64 td_status(u64 status, unsigned int operand)
{
	return status | operand;
}

/* True if @refused, and nobody has switched the check off. */
static inline bool td_refuses(const struct sim *sim, enum sim_check check, bool refused)
{
	return refused && check_on(sim, check);
}

/* td.c */
void td_get(struct td *td);
void td_put(struct td *td);
void td_unlock_memory(const struct td_call *call);
void td_lock_memory(const struct td_call *call);

/* td_page.c: who owns which physical page. */
struct td_page *td_page_find(const struct td_state *tds, u64 pa);
u64 td_page_check_free(struct td_call *call, u64 pa, unsigned int operand);
/* NULL when memory is short. */
struct td_page *td_page_own(struct td_state *tds, u64 pa, enum tdx_page_type type,
			    struct td *td);
void td_page_free(struct td_state *tds, struct td_page *page);
void td_pages_free_all(struct td_state *tds);
u64 td_phymem_page_rdmd(struct td_call *call);
u64 td_phymem_page_reclaim(struct td_call *call);
u64 td_phymem_page_wbinvd(struct td_call *call);

/* td_life.c: from TDH.MNG.CREATE to TDH.MNG.KEY.FREEID. */
u64 td_mng_create(struct td_call *call);
u64 td_mng_key_config(struct td_call *call);
u64 td_mng_addcx(struct td_call *call);
u64 td_mng_init(struct td_call *call);
u64 td_mng_vpflushdone(struct td_call *call);
u64 td_mng_key_freeid(struct td_call *call);
u64 td_phymem_cache_wb(struct td_call *call);
u64 td_vp_create(struct td_call *call);
u64 td_vp_addcx(struct td_call *call);
u64 td_vp_init(struct td_call *call);
u64 td_vp_flush(struct td_call *call);
/* The vCPU belongs to this LP from now on; TDX_VCPU_ASSOCIATED if to another. */
u64 td_vcpu_associate(struct td_call *call);

/* td_field.c: metadata of a TD and of a vCPU. */
u64 td_mng_rd(struct td_call *call);
u64 td_vp_rd(struct td_call *call);
u64 td_vp_wr(struct td_call *call);

/* td_measure.c: MRTD. */
int td_measure_begin(struct td *td);
void td_measure_page_add(struct td *td, u64 gpa);
void td_measure_extend(struct td *td, u64 gpa, const u8 *chunk);
void td_measure_end(struct td *td);
void td_measure_corrupt(struct td *td);

/* td_mem.c: the Secure EPT and what it maps. */
u64 td_mem_sept_add(struct td_call *call);
u64 td_mem_page_add(struct td_call *call);
u64 td_mr_extend(struct td_call *call);
u64 td_mr_finalize(struct td_call *call);
u64 td_mem_page_aug(struct td_call *call);
u64 td_mem_range_block(struct td_call *call);
u64 td_mem_track(struct td_call *call);
u64 td_mem_page_remove(struct td_call *call);
int td_sept_new(struct td *td);
void td_sept_free(struct td *td);
/* The entry of the 4 KiB page at @gpa; NULL if a table on the way is missing. */
struct sept_entry *td_sept_find(struct td *td, u64 gpa);
bool td_gpa_is_private(const struct td *td, u64 gpa);
u64 td_gpa_end(const struct td *td);

/* td_guest.c */
u64 td_vp_enter(struct td_call *call);

#endif
