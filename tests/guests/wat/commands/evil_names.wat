;; A function whose name, which engines like to print in a backtrace, would wipe a terminal.
(module
  (@name "\1b[2J\1b]0;owned\07\0aerror: forged")
  (func $wipe (@name "\1b[2J\0d\0aerror: forged \e2\80\ae")
    unreachable)
  (func (export "run") (result i32)
    (call $wipe)
    (i32.const 0)))
