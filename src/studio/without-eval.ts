import { z } from 'zod';

// The page's content security policy allows no code from texts; zod would try whether it may.
z.config({ jitless: true });
