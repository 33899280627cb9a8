# SPDX-License-Identifier: GPL-2.0-only
# The project's commands; `make help` lists them. Each stage is a script in harness/.

MAKEFLAGS += --no-print-directory
export BASE IMAGE KERNEL KERNEL_SRC MIRROR V VARIANT VCPUS

stage := harness/stage
enter := harness/enter

.PHONY: help
help:
	@sed -n 's/^## //p' $(firstword $(MAKEFILE_LIST))

.PHONY: host toolbox base
host:
	@$(stage) host harness/host

## make toolbox    the Debian root with all tools, in the cache
toolbox: host
	@$(stage) toolbox harness/toolbox

base: host
	@$(stage) base harness/base

## make tree       build/linux: the base with series/ applied, a git tree to work in
.PHONY: tree
tree: toolbox base
	@$(stage) tree $(enter) harness/tree

## make kernel     the guest kernel; BASE=mainline: the untouched base's; VARIANT=name: another config
.PHONY: kernel kernel-image
source := $(if $(KERNEL),toolbox,$(if $(BASE),base,tree))
kernel-image: toolbox $(source)
	@$(stage) kernel$(BASE:%=-%)$(VARIANT:%=-%) $(enter) harness/kernel

kernel: kernel-image
	@echo "kernel: $$($(enter) harness/kernel)"

## make export     series/ and the whole kernel files here, from the commits of build/linux
.PHONY: export
export: toolbox
	@$(stage) export $(enter) harness/export

## make demo       an update, shown: IMAGE=file.blob, BASE=mainline, VCPUS=N, KERNEL=bzImage
## make shell      a prompt in the same guest; 'reboot -f' or Ctrl-A X ends it
.PHONY: demo shell guest emulator tool
emulator: toolbox
	@$(stage) emulator $(enter) $(MAKE) -C seamsim O=$(CURDIR)/build/seamsim

tool: toolbox
	@$(stage) tool $(enter) $(MAKE) -C tdxmod O=$(CURDIR)/build/tdxmod all tdxmod-static

guest: base tool
	@$(stage) guest $(enter) harness/initramfs

demo: kernel-image emulator tool guest
	@$(enter) harness/demo

shell: kernel-image emulator guest
	@$(enter) harness/boot -n shell

## make check      all tests; V=1 shows each; TESTS='harness/t/update.t ...' runs some
TESTS ?= $(sort $(wildcard harness/t/*.t))
.PHONY: check images
images: tool
	@$(stage) images $(enter) harness/images

check: kernel-image emulator tool guest images
	@$(enter) harness/check $(TESTS)

## make patches    mails of the series in build/patches/, from you and with your sign-off
.PHONY: patches
patches: tree
	@SENDER="$$(git var GIT_AUTHOR_IDENT | sed 's/ [0-9]* [-+][0-9]*$$//')" $(enter) harness/patches
