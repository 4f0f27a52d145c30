package syntax

// ParseAsWritten gives the tree before private names are changed.
var ParseAsWritten = parse
