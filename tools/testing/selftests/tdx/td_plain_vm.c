// SPDX-License-Identifier: GPL-2.0
/* A plain VM: see td_plain_vm.h. */
#include "td_plain_vm.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/kvm.h>

int plain_vm_create(struct plain_vm *vm)
{
	*vm = (struct plain_vm) { .kvm = -1, .vm = -1, .vcpu = -1 };
	vm->kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (vm->kvm >= 0)
		vm->vm = ioctl(vm->kvm, KVM_CREATE_VM, 0);
	if (vm->vm >= 0)
		vm->vcpu = ioctl(vm->vm, KVM_CREATE_VCPU, 0);
	return vm->vcpu < 0 ? -errno : 0;
}

static void close_if_open(int fd)
{
	if (fd >= 0)
		close(fd);
}

void plain_vm_destroy(struct plain_vm *vm)
{
	close_if_open(vm->vcpu);
	close_if_open(vm->vm);
	close_if_open(vm->kvm);
}

/* KVM keeps general registers in memory, but segments in the VMCS. */
bool plain_vm_keeps(struct plain_vm *vm, __u64 value)
{
	struct kvm_sregs sregs;

	if (ioctl(vm->vcpu, KVM_GET_SREGS, &sregs))
		return false;
	sregs.cs.base = value;
	if (ioctl(vm->vcpu, KVM_SET_SREGS, &sregs))
		return false;
	sregs.cs.base = 0;
	return !ioctl(vm->vcpu, KVM_GET_SREGS, &sregs) && sregs.cs.base == value;
}
