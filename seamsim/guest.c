// SPDX-License-Identifier: GPL-2.0-only
/* Registers and memory of the guest: see guest.h. */
#include "guest.h"

#include <string.h>

#include "qemu_plugin.h"

#define NR_GPRS	ARRAY_SIZE(((struct sim_regs *)NULL)->gpr)

static const char *const gpr_names[NR_GPRS] = {
	"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
	"r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
};

static const char *const special_names[NR_GUEST_SPECIAL] = {
	[GUEST_CS] = "cs",
	[GUEST_CR4] = "cr4",
	[GUEST_EFLAGS] = "eflags",
	[GUEST_FS_BASE] = "fs_base",
	[GUEST_GS_BASE] = "gs_base",
};

static struct {
	struct qemu_plugin_register *gpr[NR_GPRS];
	struct qemu_plugin_register *special[NR_GUEST_SPECIAL];
} handles[SIM_MAX_VCPUS];

/* Kept for the life of the thread: who leaves by setting the PC cannot free. */
static GByteArray *scratch(void)
{
	static __thread GByteArray *array;

	if (!array)
		array = g_byte_array_new();
	g_byte_array_set_size(array, 0);
	return array;
}

static struct qemu_plugin_register *find_register(const GArray *registers, const char *name)
{
	for (guint i = 0; i < registers->len; i++) {
		const qemu_plugin_reg_descriptor *reg =
			&g_array_index(registers, qemu_plugin_reg_descriptor, i);

		if (!strcmp(reg->name, name))
			return reg->handle;
	}
	return NULL;
}

const char *guest_vcpu_init(unsigned int vcpu)
{
	GArray *registers = qemu_plugin_get_registers();
	const char *missing = NULL;

	for (unsigned int i = 0; i < NR_GPRS; i++) {
		handles[vcpu].gpr[i] = find_register(registers, gpr_names[i]);
		if (!handles[vcpu].gpr[i])
			missing = gpr_names[i];
	}
	for (unsigned int i = 0; i < NR_GUEST_SPECIAL; i++) {
		handles[vcpu].special[i] = find_register(registers, special_names[i]);
		if (!handles[vcpu].special[i])
			missing = special_names[i];
	}
	g_array_free(registers, TRUE);
	return missing;
}

static u64 read_register(struct qemu_plugin_register *handle)
{
	GByteArray *array = scratch();
	u64 value = 0;

	qemu_plugin_read_register(handle, array);
	memcpy(&value, array->data, array->len < sizeof(value) ? array->len : sizeof(value));
	return value;
}

static void write_register(struct qemu_plugin_register *handle, u64 value)
{
	GByteArray *array = scratch();

	g_byte_array_append(array, (const guint8 *)&value, sizeof(value));
	qemu_plugin_write_register(handle, array);
}

void guest_read_regs(unsigned int vcpu, struct sim_regs *regs)
{
	for (unsigned int i = 0; i < NR_GPRS; i++)
		regs->gpr[i] = read_register(handles[vcpu].gpr[i]);
}

void guest_write_regs(unsigned int vcpu, const struct sim_regs *before,
		      const struct sim_regs *after)
{
	for (unsigned int i = 0; i < NR_GPRS; i++) {
		if (before->gpr[i] != after->gpr[i])
			write_register(handles[vcpu].gpr[i], after->gpr[i]);
	}
}

u64 guest_read_special(unsigned int vcpu, enum guest_special which)
{
	return read_register(handles[vcpu].special[which]);
}

void guest_write_special(unsigned int vcpu, enum guest_special which, u64 value)
{
	write_register(handles[vcpu].special[which], value);
}

bool guest_read_virtual(u64 va, void *to, size_t size)
{
	GByteArray *array = scratch();

	if (!qemu_plugin_read_memory_vaddr(va, array, size))
		return false;
	memcpy(to, array->data, size);
	return true;
}

bool guest_write_virtual(u64 va, const void *from, size_t size)
{
	GByteArray *array = scratch();

	g_byte_array_append(array, from, size);
	return qemu_plugin_write_memory_vaddr(va, array);
}

bool guest_read_physical(void *context, u64 pa, void *to, size_t size)
{
	GByteArray *array = scratch();

	(void)context;
	if (qemu_plugin_read_memory_hwaddr(pa, array, size) != QEMU_PLUGIN_HWADDR_OPERATION_OK)
		return false;
	memcpy(to, array->data, size);
	return true;
}

bool guest_write_physical(void *context, u64 pa, const void *from, size_t size)
{
	GByteArray *array = scratch();

	(void)context;
	g_byte_array_append(array, from, size);
	return qemu_plugin_write_memory_hwaddr(pa, array) == QEMU_PLUGIN_HWADDR_OPERATION_OK;
}
