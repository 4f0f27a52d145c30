// Package archive keeps the results of API load tests: in a folder of the user, where they stay for 30 days, and in Redis, where
// dashboards find them for 24 hours.
//
// The folder is written first, and always; Redis is a copy. An absent Redis is no error: each call gives it a second, says what
// was not stored or could not be asked, and goes on with the folder. What was stored by either way is found by all later
// processes.
package archive
