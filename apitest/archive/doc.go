// Package archive keeps the results of API load tests: in a folder of the user, where they stay for 30 days, and in Redis, where
// dashboards find them for 24 hours.
//
// The folder is written first, and always; Redis is a copy. An absent Redis is no error: a [Store] gives it a second, says what was
// not stored or could not be asked, goes on with the folder, and does not ask Redis again. What was stored by either way is found by
// all later processes.
//
// A search reads no more of a result than its head, and no more results than it must, so that memory and time do not grow with what
// is kept.
package archive
