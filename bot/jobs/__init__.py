"""What happens: reading, answering, acting, telling. Every function takes the time; none of them sleeps."""
