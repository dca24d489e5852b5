//! A memory for text that fits a microcontroller.
#![no_std]
