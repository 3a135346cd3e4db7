package entra

import (
	"slices"

	"github.com/golang-jwt/jwt/v5"
)

// A User is one of the invented users who can sign in.
type User struct {
	ID       string // object id
	Name     string
	Username string
	Licensed bool // for threat intelligence: Microsoft Graph refuses the others, whatever the application may do for them
}

// users are the users of every directory.
var users = []User{
	{"0a0a0a0a-1111-4222-8333-444444444444", "Ada Analyst", "ada@emulator.example", true},
	{"0b0b0b0b-1111-4222-8333-444444444444", "Ben Beginner", "ben@emulator.example", false},
}

// Users returns the users who can sign in.
func Users() []User { return slices.Clone(users) }

// userWith returns the user with that object id.
func userWith(id string) (User, bool) {
	for _, u := range users {
		if u.ID == id {
			return u, true
		}
	}
	return User{}, false
}

// claims are those that say who a user is.
func (u User) claims() jwt.MapClaims {
	return jwt.MapClaims{"oid": u.ID, "sub": u.ID, "name": u.Name, "preferred_username": u.Username}
}
