// SPDX-License-Identifier: Apache-2.0
// The one function that Node.js takes from libatomic, as machine code of our own for each processor:
//
//     bool __atomic_compare_exchange(size_t size, void *at, void *expected, void *desired, int, int)
//
// Compares the value at `at` with the expected one. If equal, stores the desired one and gives true; else copies what it
// found to `expected` and gives false. All of it is one step for other threads, in the strongest order, so the two wanted
// orders need not be looked at. Node.js asks for eight bytes alone; another size stops the process instead of being wrong.

/** By the number of the machine in an ELF header. No code refers to an address, so each works wherever it is put. */
export const compareExchange = new Map([
  [
    62, // x86_64: size in rdi, at in rsi, expected in rdx, desired in rcx; the answer in eax
    Buffer.from(
      [
        "4883ff08", //      cmp     rdi, 8
        "7517", //          jne     refuse
        "488b02", //        mov     rax, [rdx]
        "488b09", //        mov     rcx, [rcx]
        "f0480fb10e", //    lock cmpxchg [rsi], rcx
        "0f94c1", //        sete    cl
        "7403", //          je      done
        "488902", //        mov     [rdx], rax
        "0fb6c1", // done:  movzx   eax, cl
        "c3", //            ret
        "0f0b", // refuse:  ud2
      ].join(""),
      "hex",
    ),
  ],
  [
    183, // aarch64: size in x0, at in x1, expected in x2, desired in x3; the answer in w0
    Buffer.from(
      [
        "1f2000f1", //        cmp     x0, #8
        "c1010054", //        b.ne    refuse
        "460040f9", //        ldr     x6, [x2]
        "670040f9", //        ldr     x7, [x3]
        "28fc5fc8", // again: ldaxr   x8, [x1]
        "1f0106eb", //        cmp     x8, x6
        "a1000054", //        b.ne    other
        "27fc09c8", //        stlxr   w9, x7, [x1]
        "89ffff35", //        cbnz    w9, again
        "20008052", //        mov     w0, #1
        "c0035fd6", //        ret
        "5f3f03d5", // other: clrex
        "480000f9", //        str     x8, [x2]
        "00008052", //        mov     w0, #0
        "c0035fd6", //        ret
        "200020d4", // refuse: brk    #1
      ].join(""),
      "hex",
    ),
  ],
]);
