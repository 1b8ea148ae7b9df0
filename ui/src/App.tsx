import { CSPProvider } from "@base-ui/react/csp-provider";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { useState } from "react";
import { createQueries } from "./api/queries";
import { createAppRouter } from "./routes";

export function App() {
  const [queries] = useState(createQueries);
  const [router] = useState(createAppRouter);
  return (
    // The service's policy allows no style elements, and the widgets used here need none.
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </CSPProvider>
  );
}
