/* The model image in flash: the assembler copies the file MODEL. */
    .section .rodata.model, "a"
    .global model, model_end
    .balign 16
model:
    .incbin MODEL
model_end:
