package runtime

// Caller is the function of a script that called the native that runs: its file, its
// name and the line where it begins. All are zero when the host called the native.
func (th *Thread) Caller() (file, function string, line int) {
	for d := min(th.depth, len(th.frames)-1); d >= 0; d-- {
		f := th.frames[d]
		if f.Fn != nil && f.Locals != nil { // others are left over from calls that ended
			return f.Fn.Code.File.Name, f.Fn.Code.Name, int(f.Fn.Code.Line)
		}
	}
	return "", "", 0
}
