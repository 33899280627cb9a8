// SPDX-License-Identifier: GPL-2.0-only
/*
 * A TD's private memory: the Secure EPT and the pages it maps.
 *
 * Entries are kept beside guest memory, not in the pages that the VMM gives for them:
 * those are out of its reach anyway, and nothing it writes there can confuse the
 * model. Only 4 KiB pages are mapped, which is all that KVM asks for.
 */
#include <errno.h>
#include <stdlib.h>

#include "td_model.h"

/* Where a walk ended: at the entry asked for, or at the one that points nowhere. */
struct sept_walk {
	struct sept_entry *entry;
	unsigned int level;
};

static unsigned int level_shift(unsigned int level)
{
	return PAGE_SHIFT + level * SEPT_INDEX_BITS;
}

static struct sept_walk walk(struct td *td, u64 gpa, unsigned int level)
{
	struct sept_table *table = td->sept;
	struct sept_walk at = { .level = td->top_level };

	for (;; at.level--) {
		at.entry = &table->entry[(gpa >> level_shift(at.level)) % SEPT_ENTRIES];
		if (at.level == level || !at.entry->table)
			return at;
		table = at.entry->table;
	}
}

struct sept_entry *td_sept_find(struct td *td, u64 gpa)
{
	struct sept_walk at = walk(td, gpa, 0);

	return at.level ? NULL : at.entry;
}

int td_sept_new(struct td *td)
{
	td->sept = calloc(1, sizeof(*td->sept));
	return td->sept ? 0 : -ENOMEM;
}

static void free_table(struct sept_table *table)
{
	if (!table)
		return;
	for (unsigned int i = 0; i < SEPT_ENTRIES; i++)
		free_table(table->entry[i].table);
	free(table);
}

void td_sept_free(struct td *td)
{
	free_table(td->sept);
	td->sept = NULL;
}

static unsigned int shared_bit(const struct td *td)
{
	bool wide = td->params.config_flags & TD_CONFIG_MAX_GPAW;

	return wide ? TD_SHARED_BIT_GPAW52 : TD_SHARED_BIT_GPAW48;
}

bool td_gpa_is_private(const struct td *td, u64 gpa)
{
	return !(gpa >> shared_bit(td));
}

u64 td_gpa_end(const struct td *td)
{
	return BIT_ULL(shared_bit(td) + 1);
}

static void tell_entry(struct sim_regs *regs, struct sept_walk at)
{
	regs->rcx = at.entry->pa;
	regs->rdx = at.level | (u64)at.entry->state << SEPT_INFO_STATE_SHIFT;
}

/*
 * Takes the GPA and level in RCX to the entry they name. @level_max says which levels
 * the leaf knows; on failure RCX and RDX tell how far the walk went.
 */
static u64 find_entry(struct td_call *call, unsigned int level_min, unsigned int level_max,
		      struct sept_walk *at)
{
	unsigned int level = call->regs->rcx & TDX_GPA_LEVEL_MASK;
	u64 gpa = call->regs->rcx & ~TDX_GPA_LEVEL_MASK;

	/* No walk could follow such a level, whether checked or not. */
	if (level > call->td->top_level)
		return td_status(TDX_OPERAND_INVALID, TDX_OPERAND_RCX);
	if (td_refuses(call->sim, CHECK_TD_GPA_LEVEL, level < level_min || level > level_max))
		return td_status(TDX_OPERAND_INVALID, TDX_OPERAND_RCX);
	if (td_refuses(call->sim, CHECK_TD_GPA, !td_gpa_is_private(call->td, gpa) ||
		       gpa & GENMASK_ULL(level_shift(level) - 1, 0)))
		return td_status(TDX_OPERAND_INVALID, TDX_OPERAND_RCX);

	*at = walk(call->td, gpa, level);
	if (at->level != level) {
		tell_entry(call->regs, *at);
		return td_status(TDX_EPT_WALK_FAILED, TDX_OPERAND_RCX);
	}
	return TDX_SUCCESS;
}

static u64 find_free_entry(struct td_call *call, unsigned int level_min,
			   unsigned int level_max, struct sept_walk *at)
{
	u64 status = find_entry(call, level_min, level_max, at);

	if (status)
		return status;
	if (td_refuses(call->sim, CHECK_TD_SEPT_ENTRY_STATE, at->entry->state != SEPT_FREE)) {
		tell_entry(call->regs, *at);
		return td_status(TDX_EPT_ENTRY_STATE_INCORRECT, TDX_OPERAND_RCX);
	}
	return TDX_SUCCESS;
}

u64 td_mem_sept_add(struct td_call *call)
{
	u64 pa = call->regs->r8;
	struct sept_table *table;
	struct sept_walk at;
	u64 status;

	status = find_free_entry(call, 1, call->td->top_level, &at);
	if (status)
		return status;
	status = td_page_check_free(call, pa, TDX_OPERAND_R8);
	if (status)
		return status;

	table = calloc(1, sizeof(*table));
	if (!table || !td_page_own(call->sim->td, pa, PT_EPT, call->td)) {
		free(table);
		return td_status(TDX_OPERAND_BUSY, TDX_OPERAND_R8);
	}
	free_table(at.entry->table);
	call->td->nr_pages++;
	*at.entry = (struct sept_entry) {
		.state = SEPT_PRESENT, .pa = pa, .table = table,
	};
	return TDX_SUCCESS;
}

/* Maps the page at @pa, which nobody owns yet, in @state. */
static u64 map_page(struct td_call *call, struct sept_entry *entry, u64 pa,
		    enum sept_state state)
{
	if (!td_page_own(call->sim->td, pa, PT_REG, call->td))
		return td_status(TDX_OPERAND_BUSY, TDX_OPERAND_R8);
	call->td->nr_pages++;
	entry->state = state;
	entry->pa = pa;
	return TDX_SUCCESS;
}

static void unmap_page(struct td_call *call, struct sept_entry *entry)
{
	struct td_page *page = td_page_find(call->sim->td, entry->pa);

	if (page)
		td_page_free(call->sim->td, page);
	call->td->nr_pages--;
	*entry = (struct sept_entry) { .state = SEPT_FREE };
}

static bool copy_page(struct td_call *call, u64 to, u64 from)
{
	u8 page[PAGE_SIZE];
	bool copied;

	td_unlock_memory(call);
	copied = sim_read(call->sim, from, page, sizeof(page)) &&
		 sim_write(call->sim, to, page, sizeof(page));
	td_lock_memory(call);
	return copied;
}

u64 td_mem_page_add(struct td_call *call)
{
	u64 gpa = call->regs->rcx, pa = call->regs->r8, source = call->regs->r9;
	struct sept_walk at;
	u64 status;

	status = find_free_entry(call, 0, 0, &at);
	if (status)
		return status;
	status = td_page_check_free(call, pa, TDX_OPERAND_R8);
	if (status)
		return status;
	if (td_refuses(call->sim, CHECK_TD_SOURCE_ADDRESS,
		       source & PAGE_OFFSET_MASK || td_page_find(call->sim->td, source)))
		return td_status(TDX_OPERAND_INVALID, TDX_OPERAND_R9);

	status = map_page(call, at.entry, pa, SEPT_PRESENT);
	if (status)
		return status;
	if (!copy_page(call, pa, source)) {
		unmap_page(call, at.entry);
		return td_status(TDX_OPERAND_ADDR_RANGE_ERROR, TDX_OPERAND_R9);
	}
	td_measure_page_add(call->td, gpa);
	return TDX_SUCCESS;
}

u64 td_mr_extend(struct td_call *call)
{
	u64 gpa = call->regs->rcx;
	u8 chunk[MRTD_CHUNK_SIZE];
	struct sept_entry *entry;
	bool read;

	if (td_refuses(call->sim, CHECK_TD_GPA,
		       !td_gpa_is_private(call->td, gpa) || gpa % MRTD_CHUNK_SIZE))
		return td_status(TDX_OPERAND_INVALID, TDX_OPERAND_RCX);
	entry = td_sept_find(call->td, gpa);
	if (!entry)
		return td_status(TDX_EPT_WALK_FAILED, TDX_OPERAND_RCX);
	if (td_refuses(call->sim, CHECK_TD_SEPT_ENTRY_STATE, entry->state != SEPT_PRESENT))
		return td_status(TDX_EPT_ENTRY_STATE_INCORRECT, TDX_OPERAND_RCX);

	td_unlock_memory(call);
	read = sim_read(call->sim, entry->pa + (gpa & PAGE_OFFSET_MASK), chunk, sizeof(chunk));
	td_lock_memory(call);
	if (!read)
		return td_status(TDX_OPERAND_ADDR_RANGE_ERROR, TDX_OPERAND_RCX);
	td_measure_extend(call->td, gpa, chunk);
	return TDX_SUCCESS;
}

u64 td_mr_finalize(struct td_call *call)
{
	td_measure_end(call->td);
	call->td->op_state = TD_RUNNABLE;
	return TDX_SUCCESS;
}

/* The guest has to accept it, which also clears it. */
u64 td_mem_page_aug(struct td_call *call)
{
	u64 pa = call->regs->r8;
	struct sept_walk at;
	u64 status;

	status = find_free_entry(call, 0, 0, &at);
	if (status)
		return status;
	status = td_page_check_free(call, pa, TDX_OPERAND_R8);
	if (status)
		return status;
	return map_page(call, at.entry, pa, SEPT_PENDING);
}

static bool is_blocked(const struct sept_entry *entry)
{
	return entry->state == SEPT_BLOCKED || entry->state == SEPT_PENDING_BLOCKED;
}

u64 td_mem_range_block(struct td_call *call)
{
	struct sept_walk at;
	u64 status;

	status = find_entry(call, 0, call->td->top_level, &at);
	if (status)
		return status;
	if (is_blocked(at.entry))
		return TDX_GPA_RANGE_ALREADY_BLOCKED;
	if (td_refuses(call->sim, CHECK_TD_SEPT_ENTRY_STATE, at.entry->state == SEPT_FREE)) {
		tell_entry(call->regs, at);
		return td_status(TDX_EPT_ENTRY_STATE_INCORRECT, TDX_OPERAND_RCX);
	}
	at.entry->state = at.entry->state == SEPT_PENDING ? SEPT_PENDING_BLOCKED : SEPT_BLOCKED;
	at.entry->blocked_epoch = call->td->epoch;
	return TDX_SUCCESS;
}

u64 td_mem_track(struct td_call *call)
{
	struct td *td = call->td;

	/* The next epoch takes the place of the one before this one. */
	if (td_refuses(call->sim, CHECK_TD_EPOCH_BUSY, td->inside[(td->epoch + 1) % TD_EPOCHS]))
		return TDX_PREVIOUS_TLB_EPOCH_BUSY;
	td->epoch++;
	return TDX_SUCCESS;
}

/* No LP can still hold a translation from before the entry was blocked. */
static bool is_tracked(const struct td *td, const struct sept_entry *entry)
{
	u64 age = td->epoch - entry->blocked_epoch;

	return age >= TD_EPOCHS || (age && !td->inside[entry->blocked_epoch % TD_EPOCHS]);
}

static u64 check_removable(struct td_call *call, struct sept_walk at)
{
	if (td_refuses(call->sim, CHECK_TD_SEPT_ENTRY_STATE, at.entry->state == SEPT_FREE))
		return td_status(TDX_EPT_ENTRY_STATE_INCORRECT, TDX_OPERAND_RCX);
	/* Before the TD could ever run no LP has translations of it. */
	if (call->td->op_state != TD_RUNNABLE)
		return TDX_SUCCESS;
	if (td_refuses(call->sim, CHECK_TD_RANGE_BLOCKED, !is_blocked(at.entry)))
		return td_status(TDX_GPA_RANGE_NOT_BLOCKED, TDX_OPERAND_RCX);
	if (td_refuses(call->sim, CHECK_TD_TLB_TRACKING, !is_tracked(call->td, at.entry)))
		return td_status(TDX_TLB_TRACKING_NOT_DONE, TDX_OPERAND_RCX);
	return TDX_SUCCESS;
}

u64 td_mem_page_remove(struct td_call *call)
{
	struct sept_walk at;
	u64 status, pa;

	status = find_entry(call, 0, 0, &at);
	if (status)
		return status;
	status = check_removable(call, at);
	if (status) {
		tell_entry(call->regs, at);
		return status;
	}
	pa = at.entry->pa;
	unmap_page(call, at.entry);
	call->regs->rcx = pa;
	return TDX_SUCCESS;
}
