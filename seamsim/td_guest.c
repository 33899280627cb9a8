// SPDX-License-Identifier: GPL-2.0-only
/*
 * TDH.VP.ENTER and the guest behind it: an interpreter for td_program.h.
 *
 * It runs under sim->lock, which it lets go of between instructions; an entry is as
 * short as a program's way to its next exit.
 */
#include <string.h>

#include "td_model.h"

/* Instructions that fit into a time slice. */
#define SLICE_INSNS		1000

/* The answer to TDG.VP.VMCALL comes in pieces of what an I/O instruction carries. */
#define IO_SIZE			sizeof(u32)
#define MRTD_PIECES		(TD_MEASUREMENT_SIZE / IO_SIZE)

enum insn_result {
	INSN_NEXT,	/* go on behind it */
	INSN_JUMPED,	/* go on where it has set pc */
	INSN_EXIT,	/* TD exit, described in the registers; comes back to it */
};

static void clear_exit_registers(struct sim_regs *regs)
{
	regs->rcx = 0;
	regs->rdx = 0;
	regs->rbx = 0;
	regs->rsi = 0;
	regs->rdi = 0;
	for (unsigned int i = 8; i < ARRAY_SIZE(regs->gpr); i++)
		regs->gpr[i] = 0;
}

static enum insn_result td_exit(struct td_call *call, u64 reason)
{
	clear_exit_registers(call->regs);
	call->regs->rax = reason;
	return INSN_EXIT;
}

static enum insn_result die(struct td_call *call)
{
	call->vcpu->guest.state = GUEST_DEAD;
	return td_exit(call, TDX_NON_RECOVERABLE_TD | EXIT_TRIPLE_FAULT);
}

static enum insn_result ept_violation(struct td_call *call, u64 gpa, u64 qualification,
				      u64 extended)
{
	td_exit(call, EXIT_EPT_VIOLATION);
	call->regs->rcx = qualification;
	call->regs->rdx = extended;
	call->regs->r8 = gpa;
	return INSN_EXIT;
}

static enum insn_result vmcall(struct td_call *call, const struct td_vmcall_block *block)
{
	call->vcpu->guest.state = GUEST_IN_VMCALL;
	td_exit(call, EXIT_TDCALL);
	call->regs->rcx = TDVMCALL_SHARED_REGISTERS;
	call->regs->r11 = block->r11;
	call->regs->r12 = block->r12;
	call->regs->r13 = block->r13;
	call->regs->r14 = block->r14;
	call->regs->r15 = block->r15;
	return INSN_EXIT;
}

static enum insn_result io_write(struct td_call *call, u64 port, u32 value)
{
	const struct td_vmcall_block block = {
		.r11 = TDVMCALL_IO,
		.r12 = IO_SIZE,
		.r13 = TDVMCALL_DIRECTION_WRITE,
		.r14 = port,
		.r15 = value,
	};

	return vmcall(call, &block);
}

/*
 * By the EPT that the VMM keeps in its own memory. Like the hardware, knows large pages and
 * entries for which the guest gets a #VE instead of the VMM an exit.
 */
static enum insn_result translate_shared(struct td_call *call, u64 gpa, u64 access, u64 *pa)
{
	u64 table = call->vcpu->shared_eptp & EPT_ADDRESS_MASK, entry;
	unsigned int level = call->td->top_level + 1;
	unsigned int shift;

	do {
		shift = PAGE_SHIFT + --level * SEPT_INDEX_BITS;
		if (!sim_read(call->sim, table + (gpa >> shift) % SEPT_ENTRIES * sizeof(entry),
			      &entry, sizeof(entry)))
			return die(call);
		if (!(entry & EPT_ALL_RIGHTS) && !(entry & EPT_SUPPRESS_VE))
			return die(call);
		if ((entry & access) != access)
			return ept_violation(call, gpa, access, EXT_QUALIFICATION_NONE);
		table = entry & EPT_ADDRESS_MASK;
	} while (level && !(entry & EPT_LARGE_PAGE));

	*pa = (table & ~GENMASK_ULL(shift - 1, 0)) | (gpa & GENMASK_ULL(shift - 1, 0));
	return INSN_NEXT;
}

/* Where @gpa lies. INSN_NEXT, or the exit that the access leads to. */
static enum insn_result translate(struct td_call *call, u64 gpa, u64 access, u64 *pa)
{
	const struct sept_entry *entry;

	if (gpa % sizeof(u64) || gpa >= td_gpa_end(call->td))
		return die(call);
	if (!td_gpa_is_private(call->td, gpa))
		return translate_shared(call, gpa, access, pa);
	entry = td_sept_find(call->td, gpa);
	if (!entry || entry->state == SEPT_FREE)
		return ept_violation(call, gpa, access, EXT_QUALIFICATION_NONE);
	if (entry->state == SEPT_PENDING)
		return ept_violation(call, gpa, access, EXT_QUALIFICATION_PENDING);
	if (entry->state != SEPT_PRESENT)
		return ept_violation(call, gpa, access, EXT_QUALIFICATION_NONE);
	*pa = entry->pa + (gpa & PAGE_OFFSET_MASK);
	return INSN_NEXT;
}

static enum insn_result load(struct td_call *call, u64 gpa, u64 *value)
{
	enum insn_result result;
	u64 pa;

	result = translate(call, gpa, EPT_VIOLATION_READ, &pa);
	if (result != INSN_NEXT)
		return result;
	return sim_read(call->sim, pa, value, sizeof(*value)) ? INSN_NEXT : die(call);
}

static enum insn_result store(struct td_call *call, u64 gpa, u64 value)
{
	enum insn_result result;
	u64 pa;

	result = translate(call, gpa, EPT_VIOLATION_WRITE, &pa);
	if (result != INSN_NEXT)
		return result;
	return sim_write(call->sim, pa, &value, sizeof(value)) ? INSN_NEXT : die(call);
}

/* By words, each with a translation of its own: @gpa may lie across pages. */
static enum insn_result load_words(struct td_call *call, u64 gpa, void *to, size_t size)
{
	enum insn_result result;
	u64 word;

	for (size_t i = 0; i < size; i += sizeof(word)) {
		result = load(call, gpa + i, &word);
		if (result != INSN_NEXT)
			return result;
		memcpy((u8 *)to + i, &word, sizeof(word));
	}
	return INSN_NEXT;
}

static enum insn_result store_words(struct td_call *call, u64 gpa, const void *from,
				    size_t size)
{
	enum insn_result result;
	u64 word;

	for (size_t i = 0; i < size; i += sizeof(word)) {
		memcpy(&word, (const u8 *)from + i, sizeof(word));
		result = store(call, gpa + i, word);
		if (result != INSN_NEXT)
			return result;
	}
	return INSN_NEXT;
}

/* An I/O instruction that the VMM refuses is one that the guest cannot live with. */
static enum insn_result finish_io(struct td_call *call)
{
	if (call->vcpu->guest.answer.r10 != TDVMCALL_SUCCESS)
		return die(call);
	call->vcpu->guest.state = GUEST_RUNNING;
	return INSN_NEXT;
}

static enum insn_result op_count(struct td_call *call, const struct td_insn *insn)
{
	struct guest *guest = &call->vcpu->guest;
	enum insn_result result;
	u64 count;

	if (guest->state == GUEST_ANSWERED)
		return finish_io(call);
	result = load(call, insn->a, &count);
	if (result != INSN_NEXT)
		return result;
	result = store(call, insn->a, ++count);
	if (result != INSN_NEXT)
		return result;
	guest->count = count;
	return io_write(call, insn->b, count);
}

static enum insn_result op_copy(struct td_call *call, const struct td_insn *insn)
{
	enum insn_result result;
	u64 value;

	result = load(call, insn->a, &value);
	return result == INSN_NEXT ? store(call, insn->b, value) : result;
}

static enum insn_result op_jump(struct td_call *call, const struct td_insn *insn)
{
	call->vcpu->guest.pc = insn->a;
	return INSN_JUMPED;
}

static enum insn_result op_out(struct td_call *call, const struct td_insn *insn)
{
	enum insn_result result;
	u64 value;

	if (call->vcpu->guest.state == GUEST_ANSWERED)
		return finish_io(call);
	result = load(call, insn->a, &value);
	return result == INSN_NEXT ? io_write(call, insn->b, value) : result;
}

static enum insn_result op_vmcall(struct td_call *call, const struct td_insn *insn)
{
	struct guest *guest = &call->vcpu->guest;
	struct td_vmcall_block block;
	enum insn_result result;

	if (guest->state == GUEST_ANSWERED) {
		result = store_words(call, insn->a, &guest->answer, sizeof(guest->answer));
		if (result == INSN_NEXT)
			guest->state = GUEST_RUNNING;
		return result;
	}
	result = load_words(call, insn->a, &block, sizeof(block));
	return result == INSN_NEXT ? vmcall(call, &block) : result;
}

static bool clear_page(struct td_call *call, u64 pa)
{
	static const u8 zeros[PAGE_SIZE];

	return sim_write(call->sim, pa, zeros, sizeof(zeros));
}

/* Accepting what is accepted already is a success with a remark, here without one. */
static enum insn_result op_accept(struct td_call *call, const struct td_insn *insn)
{
	struct sept_entry *entry;

	if (insn->a & PAGE_OFFSET_MASK || !td_gpa_is_private(call->td, insn->a))
		return die(call);
	entry = td_sept_find(call->td, insn->a);
	if (entry && entry->state == SEPT_PRESENT)
		return INSN_NEXT;
	if (!entry || entry->state != SEPT_PENDING)
		return ept_violation(call, insn->a, EPT_VIOLATION_WRITE,
				     EXT_QUALIFICATION_ACCEPT);
	if (!clear_page(call, entry->pa))
		return die(call);
	entry->state = SEPT_PRESENT;
	return INSN_NEXT;
}

/* As a guest's idle loop: neither an interrupt just before nor a wake-up for nothing matters. */
static enum insn_result op_hlt(struct td_call *call)
{
	static const struct td_vmcall_block block = {
		.r11 = TDVMCALL_HLT,
		.r12 = TDVMCALL_INTERRUPTS_ENABLED,
	};
	struct guest *guest = &call->vcpu->guest;

	guest->state = GUEST_RUNNING;
	if (guest->nr_awaited == guest->nr_interrupts)
		return vmcall(call, &block);
	guest->nr_awaited = guest->nr_interrupts;
	return INSN_NEXT;
}

static enum insn_result op_mrtd(struct td_call *call, const struct td_insn *insn)
{
	struct guest *guest = &call->vcpu->guest;
	u32 piece;

	if (guest->state == GUEST_ANSWERED) {
		if (finish_io(call) != INSN_NEXT)
			return INSN_EXIT;
		guest->piece = (guest->piece + 1) % MRTD_PIECES;
		if (!guest->piece)
			return INSN_NEXT;
	}
	memcpy(&piece, call->td->mrtd + guest->piece * IO_SIZE, IO_SIZE);
	return io_write(call, insn->b, piece);
}

static enum insn_result op_yield(struct td_call *call)
{
	call->vcpu->guest.pc++;
	return td_exit(call, EXIT_OTHER_SMI);
}

static enum insn_result execute(struct td_call *call, const struct td_insn *insn)
{
	switch (insn->op) {
	case TD_OP_COUNT:
		return op_count(call, insn);
	case TD_OP_STORE:
		return store(call, insn->a, insn->b);
	case TD_OP_COPY:
		return op_copy(call, insn);
	case TD_OP_JUMP:
		return op_jump(call, insn);
	case TD_OP_OUT:
		return op_out(call, insn);
	case TD_OP_VMCALL:
		return op_vmcall(call, insn);
	case TD_OP_ACCEPT:
		return op_accept(call, insn);
	case TD_OP_HLT:
		return op_hlt(call);
	case TD_OP_INTERRUPTS:
		return store(call, insn->a, call->vcpu->guest.nr_interrupts);
	case TD_OP_MRTD:
		return op_mrtd(call, insn);
	case TD_OP_YIELD:
		return op_yield(call);
	case TD_OP_NMIS:
		return store(call, insn->a, call->vcpu->guest.nr_nmis);
	default:
		return die(call);
	}
}

static enum insn_result run_insn(struct td_call *call)
{
	struct guest *guest = &call->vcpu->guest;
	enum insn_result result;
	struct td_insn insn;

	/* As a TD cannot execute what lies in shared memory. */
	if (!td_gpa_is_private(call->td, guest->program + guest->pc * sizeof(insn)))
		return die(call);
	result = load_words(call, guest->program + guest->pc * sizeof(insn), &insn,
			    sizeof(insn));
	if (result != INSN_NEXT)
		return result;
	result = execute(call, &insn);
	if (result == INSN_NEXT)
		guest->pc++;
	return result;
}

static void run_until_exit(struct td_call *call)
{
	for (unsigned int i = 0; i < SLICE_INSNS; i++) {
		if (run_insn(call) == INSN_EXIT)
			return;
		td_unlock_memory(call);
		td_lock_memory(call);
	}
	td_exit(call, EXIT_OTHER_SMI);
}

/*
 * A vector that the VMM adds to a word between the two accesses is lost: a plugin cannot
 * exchange guest memory atomically.
 */
static u64 take_word(struct td_call *call, u64 pa)
{
	static const u64 none;
	u64 word;

	if (!sim_read(call->sim, pa, &word, sizeof(word)) || !word)
		return 0;
	sim_write(call->sim, pa, &none, sizeof(none));
	return word;
}

/* ON first: who posts after that notifies again. */
static void take_posted_interrupts(struct td_call *call)
{
	struct td_vcpu *vcpu = call->vcpu;
	u64 control_pa = vcpu->posted_intr_desc + offsetof(struct pi_desc, control);
	u8 control;

	if (!(vcpu->pin_based_controls & PIN_BASED_POSTED_INTERRUPTS) ||
	    !sim_read(call->sim, control_pa, &control, sizeof(control)) ||
	    !(control & PI_CONTROL_ON))
		return;

	control &= ~PI_CONTROL_ON;
	sim_write(call->sim, control_pa, &control, sizeof(control));
	for (unsigned int i = 0; i < PI_DESC_PIR_WORDS; i++)
		vcpu->guest.irr[i] |= take_word(call, vcpu->posted_intr_desc + i * sizeof(u64));
}

/* The guest never disables interrupts: what is pending is taken at once. */
static void deliver_events(struct guest *guest)
{
	for (unsigned int i = 0; i < PI_DESC_PIR_WORDS; i++) {
		guest->nr_interrupts += __builtin_popcountll(guest->irr[i]);
		guest->irr[i] = 0;
	}
	guest->nr_nmis += guest->nmi_pending;
	guest->nmi_pending = false;
}

static void take_answer(struct guest *guest, const struct sim_regs *regs)
{
	guest->answer = (struct td_vmcall_block) {
		.r10 = regs->r10, .r11 = regs->r11, .r12 = regs->r12,
		.r13 = regs->r13, .r14 = regs->r14, .r15 = regs->r15,
	};
	guest->state = GUEST_ANSWERED;
}

u64 td_vp_enter(struct td_call *call)
{
	struct guest *guest = &call->vcpu->guest;
	struct td *td = call->td;
	unsigned int *inside;
	u64 status;

	status = td_vcpu_associate(call);
	if (status)
		return status;
	guest->nr_entries++;
	if (guest->state == GUEST_DEAD) {
		die(call);
		return call->regs->rax;
	}
	if (guest->state == GUEST_IN_VMCALL)
		take_answer(guest, call->regs);
	take_posted_interrupts(call);
	deliver_events(guest);

	inside = &td->inside[td->epoch % TD_EPOCHS];
	++*inside;
	run_until_exit(call);
	--*inside;
	return call->regs->rax;
}
