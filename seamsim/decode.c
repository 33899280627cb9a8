// SPDX-License-Identifier: GPL-2.0-only
/* Decoding of emulated instructions: see decode.h. */
#include "decode.h"

#include <string.h>

/* "Intel 64 and IA-32 Architectures Software Developer's Manual", volume 2. */
#define PREFIX_OPERAND_SIZE	0x66
#define PREFIX_ADDRESS_SIZE	0x67
#define PREFIX_REPNE		0xF2
#define PREFIX_REP		0xF3
#define PREFIX_ES		0x26
#define PREFIX_CS		0x2E
#define PREFIX_SS		0x36
#define PREFIX_DS		0x3E
#define PREFIX_FS		0x64
#define PREFIX_GS		0x65
#define PREFIX_REX		0x40
#define PREFIX_REX_MASK		0xF0
#define REX_R			0x4
#define REX_X			0x2
#define REX_B			0x1

#define OPCODE_JCC_SHORT	0x70
#define OPCODE_TWO_BYTES	0x0F
#define OPCODE_THREE_BYTES_38	0x38
#define OPCODE_CONDITION	0x0F

/* Behind 0F. */
#define OPCODE_GROUP7		0x01
#define OPCODE_READ_CR		0x20
#define OPCODE_WRITE_CR		0x22
#define OPCODE_RDMSR		0x32
#define OPCODE_VMREAD		0x78
#define OPCODE_VMWRITE		0x79
#define OPCODE_JCC_NEAR		0x80
#define OPCODE_SETCC		0x90
#define OPCODE_CPUID		0xA2
#define OPCODE_GROUP9		0xC7

/* Behind 0F 38. */
#define OPCODE_INVEPT		0x80
#define OPCODE_INVVPID		0x81
#define OPCODE_MOVDIR64B	0xF8

/* The ModRM byte behind 0F 01. */
#define GROUP7_VMLAUNCH		0xC2
#define GROUP7_VMRESUME		0xC3
#define GROUP7_VMXOFF		0xC4
#define GROUP7_SEAMCALL		0xCF

/* ModRM.reg behind 0F C7, memory forms. */
#define GROUP9_VMPTRLD		6
#define GROUP9_VMPTRST		7

#define MODRM_MOD(m)		((m) >> 6)
#define MODRM_REG(m)		(((m) >> 3) & 7)
#define MODRM_RM(m)		((m) & 7)
#define MOD_DISP0		0
#define MOD_DISP8		1
#define MOD_DISP32		2
#define MOD_REGISTER		3
/* ModRM.rm for "a SIB byte follows", and, with MOD_DISP0, for "RIP-relative". */
#define RM_SIB			4
#define RM_RIP			5
#define SIB_NO_INDEX		4
#define SIB_NO_BASE		5

#define CR4			4

#define CONDITION_BELOW		0x2
#define CONDITION_EQUAL		0x4
#define CONDITION_NOT_ABOVE	0x6
#define CONDITION_NOT_GREATER	0xE
#define CONDITION_NEGATED	0x1

struct cursor {
	const u8 *bytes;
	size_t size;
	size_t at;
	bool overrun;

	bool operand_size;
	bool rep;
	bool repne;
	u8 rex;
};

static u8 next(struct cursor *c)
{
	if (c->at >= c->size) {
		c->overrun = true;
		return 0;
	}
	return c->bytes[c->at++];
}

static s64 next_displacement(struct cursor *c, size_t size)
{
	u64 value = 0;

	for (size_t i = 0; i < size; i++)
		value |= (u64)next(c) << (8 * i);
	return size == sizeof(u8) ? (int8_t)value : (int32_t)value;
}

/* Returns the first byte that is no prefix. */
static u8 skip_prefixes(struct cursor *c, struct insn *insn)
{
	u8 byte;

	for (byte = next(c); !c->overrun; byte = next(c)) {
		switch (byte) {
		case PREFIX_OPERAND_SIZE:
			c->operand_size = true;
			break;
		case PREFIX_ADDRESS_SIZE:
			insn->address32 = true;
			break;
		case PREFIX_REP:
			c->rep = true;
			break;
		case PREFIX_REPNE:
			c->repne = true;
			break;
		case PREFIX_FS:
			insn->segment = SEGMENT_FS;
			break;
		case PREFIX_GS:
			insn->segment = SEGMENT_GS;
			break;
		case PREFIX_ES:
		case PREFIX_CS:
		case PREFIX_SS:
		case PREFIX_DS:
			break;
		default:
			if ((byte & PREFIX_REX_MASK) != PREFIX_REX)
				return byte;
			/* A REX prefix is the last one. */
			c->rex = byte;
			insn->has_rex = true;
			return next(c);
		}
	}
	return byte;
}

static void decode_sib(struct cursor *c, struct insn *insn, unsigned int mod)
{
	u8 sib = next(c);
	unsigned int index = MODRM_REG(sib) | (c->rex & REX_X ? 8 : 0);

	insn->scale = MODRM_MOD(sib);
	if (index != SIB_NO_INDEX)
		insn->index = index;

	if (MODRM_RM(sib) == SIB_NO_BASE && mod == MOD_DISP0)
		insn->displacement = next_displacement(c, sizeof(u32));
	else
		insn->base = MODRM_RM(sib) | (c->rex & REX_B ? 8 : 0);
}

static void decode_modrm(struct cursor *c, struct insn *insn)
{
	u8 modrm = next(c);
	unsigned int mod = MODRM_MOD(modrm), rm = MODRM_RM(modrm);

	insn->reg = MODRM_REG(modrm) | (c->rex & REX_R ? 8 : 0);
	insn->rm = rm | (c->rex & REX_B ? 8 : 0);
	insn->base = NO_REGISTER;
	insn->index = NO_REGISTER;
	insn->is_memory = mod != MOD_REGISTER;
	if (!insn->is_memory)
		return;

	if (rm == RM_SIB) {
		decode_sib(c, insn, mod);
	} else if (rm == RM_RIP && mod == MOD_DISP0) {
		insn->rip_relative = true;
		insn->displacement = next_displacement(c, sizeof(u32));
	} else {
		insn->base = insn->rm;
	}

	if (mod == MOD_DISP8)
		insn->displacement = next_displacement(c, sizeof(u8));
	else if (mod == MOD_DISP32)
		insn->displacement = next_displacement(c, sizeof(u32));
}

static enum insn_kind group7(struct cursor *c)
{
	u8 modrm = next(c);

	if (c->operand_size)
		return modrm == GROUP7_SEAMCALL ? INSN_SEAMCALL : INSN_NONE;
	if (c->rep || c->repne)
		return INSN_NONE;

	switch (modrm) {
	case GROUP7_VMLAUNCH:
		return INSN_VMLAUNCH;
	case GROUP7_VMRESUME:
		return INSN_VMRESUME;
	case GROUP7_VMXOFF:
		return INSN_VMXOFF;
	default:
		return INSN_NONE;
	}
}

static enum insn_kind group9(struct cursor *c, struct insn *insn)
{
	decode_modrm(c, insn);
	/* Register forms are RDRAND, RDSEED and RDPID. */
	if (!insn->is_memory)
		return INSN_NONE;

	switch (insn->reg & 7) {
	case GROUP9_VMPTRLD:
		if (c->rep)
			return INSN_VMXON;
		return c->operand_size ? INSN_VMCLEAR : INSN_VMPTRLD;
	case GROUP9_VMPTRST:
		return c->rep || c->operand_size ? INSN_NONE : INSN_VMPTRST;
	default:
		return INSN_NONE;
	}
}

static enum insn_kind control_register(struct cursor *c, struct insn *insn, enum insn_kind kind)
{
	u8 modrm = next(c);

	/* ModRM.mod is ignored: the operand is always a register. */
	insn->reg = MODRM_REG(modrm) | (c->rex & REX_R ? 8 : 0);
	insn->rm = MODRM_RM(modrm) | (c->rex & REX_B ? 8 : 0);
	return insn->reg == CR4 ? kind : INSN_NONE;
}

static enum insn_kind three_bytes_38(struct cursor *c, struct insn *insn)
{
	u8 opcode = next(c);

	if (!c->operand_size)
		return INSN_NONE;
	decode_modrm(c, insn);
	if (!insn->is_memory)
		return INSN_NONE;

	switch (opcode) {
	case OPCODE_INVEPT:
		return INSN_INVEPT;
	case OPCODE_INVVPID:
		return INSN_INVVPID;
	case OPCODE_MOVDIR64B:
		return INSN_MOVDIR64B;
	default:
		return INSN_NONE;
	}
}

static enum insn_kind with_modrm(struct cursor *c, struct insn *insn, enum insn_kind kind)
{
	decode_modrm(c, insn);
	return kind;
}

static enum insn_kind jcc(struct cursor *c, struct insn *insn, u8 opcode, size_t size)
{
	insn->condition = opcode & OPCODE_CONDITION;
	insn->displacement = next_displacement(c, size);
	return INSN_JCC;
}

static enum insn_kind two_bytes(struct cursor *c, struct insn *insn)
{
	u8 opcode = next(c);

	switch (opcode & ~OPCODE_CONDITION) {
	case OPCODE_JCC_NEAR:
		return jcc(c, insn, opcode, sizeof(u32));
	case OPCODE_SETCC:
		insn->condition = opcode & OPCODE_CONDITION;
		return with_modrm(c, insn, INSN_SETCC);
	}

	switch (opcode) {
	case OPCODE_CPUID:
		return INSN_CPUID;
	case OPCODE_RDMSR:
		return INSN_RDMSR;
	case OPCODE_READ_CR:
		return control_register(c, insn, INSN_READ_CR4);
	case OPCODE_WRITE_CR:
		return control_register(c, insn, INSN_WRITE_CR4);
	case OPCODE_GROUP7:
		return group7(c);
	case OPCODE_GROUP9:
		return group9(c, insn);
	case OPCODE_VMREAD:
	case OPCODE_VMWRITE:
		/* With a prefix: instructions of SSE4a. */
		if (c->operand_size || c->rep || c->repne)
			return INSN_NONE;
		return with_modrm(c, insn,
				  opcode == OPCODE_VMREAD ? INSN_VMREAD : INSN_VMWRITE);
	case OPCODE_THREE_BYTES_38:
		return three_bytes_38(c, insn);
	default:
		return INSN_NONE;
	}
}

bool insn_decode(const u8 *bytes, size_t size, struct insn *insn)
{
	struct cursor c = { .bytes = bytes, .size = size };
	u8 opcode;

	memset(insn, 0, sizeof(*insn));
	opcode = skip_prefixes(&c, insn);

	if (opcode == OPCODE_TWO_BYTES)
		insn->kind = two_bytes(&c, insn);
	else if ((opcode & ~OPCODE_CONDITION) == OPCODE_JCC_SHORT)
		insn->kind = jcc(&c, insn, opcode, sizeof(u8));

	insn->size = c.at;
	return insn->kind != INSN_NONE && !c.overrun;
}

bool insn_is_candidate(const u8 *bytes, size_t size)
{
	struct cursor c = { .bytes = bytes, .size = size };
	struct insn insn = { };

	if (skip_prefixes(&c, &insn) != OPCODE_TWO_BYTES)
		return false;

	switch (next(&c)) {
	case OPCODE_CPUID:
	case OPCODE_RDMSR:
	case OPCODE_READ_CR:
	case OPCODE_WRITE_CR:
	case OPCODE_GROUP7:
	case OPCODE_GROUP9:
	case OPCODE_VMREAD:
	case OPCODE_VMWRITE:
	case OPCODE_THREE_BYTES_38:
		return true;
	default:
		/* The rest of what QEMU could not make sense of is unknown yet. */
		return c.overrun;
	}
}

bool insn_condition_holds(unsigned int condition, bool carry, bool zero)
{
	bool holds;

	switch (condition & ~CONDITION_NEGATED) {
	case CONDITION_BELOW:
		holds = carry;
		break;
	case CONDITION_EQUAL:
		holds = zero;
		break;
	case CONDITION_NOT_ABOVE:
		holds = carry || zero;
		break;
	case CONDITION_NOT_GREATER:
		/* SF and OF are equal: both are clear. */
		holds = zero;
		break;
	default:
		/* Overflow, sign, parity, less. */
		holds = false;
	}
	return condition & CONDITION_NEGATED ? !holds : holds;
}
